package references

import (
	"encoding/binary"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/costtest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

func objectID(n int) (id bson.ObjectID) {
	binary.BigEndian.PutUint64(id[4:], uint64(n)+1)
	return id
}

// checking is a finder that knows directories, tags and albums, and the reading of a file that refers to them.
func checking(tb testing.TB) func() {
	tb.Helper()
	l, ok := library.Named(library.UCoreFSName)
	if !ok {
		tb.Fatal("no such library")
	}
	n, known := len(l.References), &bsonvalue.IDSet{}
	for i := range 2000 {
		known.Add(bsonvalue.ObjectID(objectID(i)))
	}
	f := &finder{source: source{library: l}, Findings: Findings{Library: l, References: make([]Finding, n)},
		into: make([][]*bsonvalue.IDSet, n), late: make([]bool, n), missing: make([]bsonvalue.IDMap[int64], n),
		by: make([]soughtBy, n)}
	for i := range f.into {
		f.into[i] = []*bsonvalue.IDSet{known}
	}
	ofFiles := indexes(l, func(ref library.Reference) bool { return ref.From.Collection == "file_records" })
	fields, places := placesOf(l, ofFiles)
	id := objectID(0)
	doc, err := bson.Marshal(bson.D{
		{Key: "_id", Value: id}, {Key: "tag_ids", Value: bson.A{id, id, id}}, {Key: "album_ids", Value: bson.A{id}},
		{Key: "parent_id", Value: id}, {Key: "root_id", Value: id.Hex()},
	})
	if err != nil {
		tb.Fatal(err)
	}
	t := &taker{finder: f, alone: true, late: []int{0, 1}, present: known, missing: f.missing, findings: f.References,
		recent: make([]recent, n)}
	return func() { t.take(fields.Read(doc), places) }
}

// With a Lookup for each field and a slice for each list it was 10.
func TestCheckingADocumentAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(10_000, checking(t)); n > 0.1 {
		t.Errorf("%.2f allocations", n)
	}
}

func BenchmarkCheck(b *testing.B) {
	costtest.Loop(b, checking(b))
}
