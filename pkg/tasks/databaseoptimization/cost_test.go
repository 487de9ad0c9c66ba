package databaseoptimization

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/costtest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/faiss"
	"ucorefs.io/maintenance/pkg/library"
)

// reading returns a function that reads one vector of 512 numbers.
func reading(tb testing.TB) func() {
	tb.Helper()
	lib, _ := library.Named(library.UCoreFSName)
	vector := make(bson.A, 512)
	for i := range vector {
		vector[i] = float64(i) / 512
	}
	stored := bson.Raw(marshal(bson.D{{Key: "vector", Value: vector}})).Lookup("vector")
	r := newVectorReader(lib, &bsonvalue.IDSet{})
	return func() {
		if unit, f := r.normalise(stored); f != faiss.Sound || len(unit) != 512 {
			tb.Fatal(f, len(unit))
		}
	}
}

// Seen to fail when the list was unpacked into values: 11 allocations and 59 KB a vector.
func TestAVectorIsReadWithoutGarbage(t *testing.T) {
	read := reading(t)
	if n := testing.AllocsPerRun(100, read); n > 0 {
		t.Errorf("%v allocations a vector", n)
	}
}

func BenchmarkReadVector(b *testing.B) { costtest.Loop(b, reading(b)) }
