package bench_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// dimension is that of the vectors which optimize adds.
const dimension = 16

// optimize gives every file a vector, and has database-optimization create the indexes and write the index files, so
// that the next run finds nothing to do. The heap of this run, which also holds the ids of all vectors, is bounded too.
func (s *shelf) optimize(tb testing.TB) {
	tb.Helper()
	s.options.IndexDir = tb.TempDir()
	if s.vectors == 0 {
		s.vectors = s.files
		s.insert(tb, embeddingRecords, s.vectors, s.vector)
	}
	var counts report.Counts
	w, task := s.Writer(tb), subject{name: jobspec.DatabaseOptimization}.task(tb)
	heap := heapPeak(func() { counts = s.runDirty(tb, w, task) })
	if want := int64(s.vectors + s.embeddings); counts["indexesCreated"] == 0 || counts["vectorsWritten"] != want {
		tb.Fatalf("the first run came to %v, with %d vectors", counts, want)
	}
	held := s.files + s.vectors + s.embeddings
	isBounded(tb, heap, held)
	tb.Logf("%d indexes created, %d vectors written, %d ids held: heap at most %.1f MiB", counts["indexesCreated"],
		counts["vectorsWritten"], held, mib(heap))
}

func (s *shelf) vector(i int) bson.D {
	vector := make(bson.A, dimension)
	for n := range vector {
		vector[n] = float64((i*(2*n+3))%1009) - 504
	}
	return bson.D{
		{Key: "_id", Value: id(aVector, i)}, {Key: "_cls", Value: "EmbeddingRecord"}, {Key: "file_id", Value: id(aFile, i)},
		{Key: "provider", Value: "small"},
		{Key: "vector", Value: vector}, {Key: "dimension", Value: dimension},
	}
}
