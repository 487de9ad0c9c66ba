package bench_test

import (
	"os"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// BenchmarkLstat compares cleanup-orphaned-file-records, on a server at the speed of memory, with the naive loop: one
// cursor over the records, and lstat of each path. ×as-fast is by the clock and needs idle processors, ×less-cpu is of
// the process of the run.
func BenchmarkLstat(b *testing.B) {
	s := serve(b, fileCount(b), paces[0])
	s.putOnDisk(b)
	x := subject{name: jobspec.CleanupOrphanedFileRecords}
	seen, task := newTraffic(), x.task(b)
	s.run(b, mongotest.Writer(b, s.Connect(b, seen.see)), task) // has the root known, and shows the fields
	fields := seen.finds[fileRecords][0].Lookup("projection").Document()
	w := s.Writer(b)
	var runs, loops []figure
	for i := range b.N {
		turns := []func(){
			func() { runs = append(runs, figureOf(b, func() { s.run(b, w, task) })) },
			func() { loops = append(loops, figureOf(b, func() { s.lstatEach(b, fields) })) },
		}
		turns[i%2]()
		turns[1-i%2]()
		b.Logf("%v beside %v; on a processor %v beside %v", runs[i].wall, loops[i].wall, runs[i].cpu, loops[i].cpu)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(medianOf(loops, runs, func(f figure) float64 { return f.wall.Seconds() }), "×as-fast")
	b.ReportMetric(medianOf(loops, runs, func(f figure) float64 { return f.cpu.Seconds() }), "×less-cpu")
}

// lstatEach reads all file records and looks for the file of each.
func (s *shelf) lstatEach(b *testing.B, fields bson.Raw) {
	b.Helper()
	cursor, err := s.DB.Collection(fileRecords).Find(b.Context(), bson.D{},
		options.Find().SetProjection(fields).SetBatchSize(5000))
	if err != nil {
		b.Fatal(err)
	}
	n, root := 0, s.options.LibraryRoots[0]
	for cursor.Next(b.Context()) {
		path := cursor.Current.Lookup("path").StringValue()
		if _, err := os.Lstat(root + strings.TrimPrefix(path, recorded)); err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := cursor.Err(); err != nil || n != s.files {
		b.Fatal(n, err)
	}
}
