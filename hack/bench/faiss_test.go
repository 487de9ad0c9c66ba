package bench_test

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/faisstest"
	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

const (
	// vectorsServedBy names the variable that makes a process of this test binary a server with so many vectors.
	vectorsServedBy = "BENCH_SERVE_VECTORS"
	longDimension   = 512
)

// BenchmarkVectorServer measures nothing: it is the server of BenchmarkFAISS, until its input ends.
func BenchmarkVectorServer(b *testing.B) {
	var n int
	if _, err := fmt.Sscan(os.Getenv(vectorsServedBy), &n); err != nil {
		return
	}
	server := strictmongo.Start(b, strictmongo.Options{Form: strictmongo.ReplicaSet})
	server.Replay(b, replayed, fileRecords, strictmongo.Replay{Documents: n, Document: func(i int) bson.D {
		return bson.D{{Key: "_id", Value: id(aFile, i)}, {Key: "path", Value: fmt.Sprint("/library/", i)}}
	}})
	server.Replay(b, replayed, "embeddings", strictmongo.Replay{Documents: n, Document: longVector})
	fmt.Printf("\n%s\n", server.URI)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// longVector is an embedding as the web application stores it, of numbers that look random.
func longVector(i int) bson.D {
	vector, state := make(bson.A, longDimension), uint64(i)+1
	for n := range vector {
		state = state*6364136223846793005 + 1442695040888963407
		vector[n] = float64(int64(state>>11)-1<<52) / (1 << 52)
	}
	return bson.D{
		{Key: "_id", Value: id(aVector, i)}, {Key: "file_id", Value: id(aFile, i)}, {Key: "embedding", Value: vector},
		{Key: "model", Value: "clip"}, {Key: "dimension", Value: longDimension},
		{Key: "created_at", Value: librarytest.DefaultNow},
	}
}

//go:embed reference.py
var referenceProgram string

// BenchmarkFAISS compares the first run of database-optimization, which writes an index of BENCH_FILES vectors with 512
// numbers, and a later one that reads them all and finds no difference, with a program that does the same by pymongo,
// NumPy and FAISS: processor time of each process, in turns, on a server at memory speed.
func BenchmarkFAISS(b *testing.B) {
	faisstest.Need(b)
	n := fileCount(b)
	s := plan(b, n)
	s.library = taskstest.Declaration(b, librarytest.Web)
	s.library.Indexes = nil // a replay has none
	s.connectTo(b, startServer(b, "BenchmarkVectorServer", vectorsServedBy, fmt.Sprint(n)))
	w, task := s.Writer(b), subject{name: jobspec.DatabaseOptimization}.task(b)
	_ = pythonRun(b, s) // has the server prepare the documents
	var first, again []float64
	var own, python []time.Duration
	for b.Loop() {
		s.options.IndexDir = b.TempDir()
		run := costOf(b, func() { s.runDirty(b, w, task) }).cpu
		unchanged := costOf(b, func() { s.runDirty(b, w, task) }).cpu
		theirs := pythonRun(b, s)
		own, python = append(own, run), append(python, theirs)
		first = append(first, run.Seconds()/theirs.Seconds())
		again = append(again, unchanged.Seconds()/theirs.Seconds())
	}
	slices.Sort(own)
	slices.Sort(python)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(first), "×cpu-first")
	b.ReportMetric(median(again), "×cpu-read-unchanged")
	b.ReportMetric(float64(own[len(own)/2].Microseconds())/float64(n), "cpu-µs/vector")
	b.ReportMetric(float64(python[len(python)/2].Microseconds())/float64(n), "python-cpu-µs/vector")
}

// pythonRun is the processor time that the other program says it took for reading and writing, without its start.
func pythonRun(b *testing.B, s *shelf) time.Duration {
	b.Helper()
	cmd := exec.Command("/usr/bin/python3", "-c", referenceProgram, s.URI, replayed, filepath.Join(b.TempDir(),
		"clip.faiss"))
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Skipf("the program in Python wants python3-pymongo, python3-pymongo-ext and python3-bson-ext: %v", err)
	}
	took, err := time.ParseDuration(strings.TrimSpace(string(out)) + "s")
	if err != nil {
		b.Fatal(err)
	}
	return took
}
