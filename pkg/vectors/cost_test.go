package vectors

import (
	"encoding/binary"
	"runtime"
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
	stored := marshal(bson.D{{Key: "vector", Value: long()}}).Lookup("vector")
	r := newReader(nil, &bsonvalue.IDSet{})
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

// most is what a vector may cost from its document to the index: the ids in three places while their tables grow, and
// its share of the buffers.
const mostAllocations, mostBytes = 0.1, 400

// Must fail where a vector is unpacked, or copied for each step.
func TestAVectorIsKeptWithoutGarbage(t *testing.T) {
	for name, doc := range map[string]bson.D{
		"in the file's record":   own(bson.ObjectID{}, "clip", long()),
		"in a record of its own": record("clip", bson.ObjectID{}, long()),
	} {
		t.Run(name, func(t *testing.T) {
			const vectors = 5000
			keep := keeping(t, marshal(doc))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for i := range vectors {
				keep(i)
			}
			runtime.ReadMemStats(&after)
			allocations := float64(after.Mallocs-before.Mallocs) / vectors
			bytes := float64(after.TotalAlloc-before.TotalAlloc) / vectors
			if allocations > mostAllocations || bytes > mostBytes {
				t.Errorf("%.2f allocations and %.0f bytes a vector, %v and %v may be", allocations, bytes, mostAllocations,
					mostBytes)
			}
			t.Logf("%.3f allocations and %.0f bytes a vector", allocations, bytes)
		})
	}
}

func long() bson.A {
	vector := make(bson.A, 512)
	for i := range vector {
		vector[i] = float64(i+1) / 512
	}
	return vector
}

// keeping returns a function that reads the vector of the i-th file and keeps it in a draft. The one ObjectID in doc is
// that of the file.
func keeping(t *testing.T, doc bson.Raw) func(i int) {
	t.Helper()
	lib, _ := library.Named(library.UCoreFSName)
	folder, err := faiss.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	r := newReader(lib.Vectors.Sources, &bsonvalue.IDSet{})
	source := r.sources[0]
	if doc.Lookup("provider").Type != 0 {
		source = r.sources[1]
	}
	id := doc.Lookup(source.File).Value
	f := &Facts{folder: folder, providers: map[string]*provider{}}
	keep := func(e embedding) error { f.add(e); return nil }
	return func(i int) {
		binary.BigEndian.PutUint64(id, uint64(i)*0x9e3779b97f4a7c15)
		r.files.Add(bsonvalue.ObjectID(bson.ObjectID(id)))
		err := r.read(source, doc, keep)
		if d := f.provider("clip").drafts[512]; err != nil || d == nil || d.Count() != int64(i+1) || !d.Kept() {
			t.Fatal("the vector was not kept", err)
		}
	}
}

func BenchmarkReadVector(b *testing.B) { costtest.Loop(b, reading(b)) }
