package round

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/recount"
)

// collections have one, two and three counters.
var collections = []recount.Collection{
	{Counters: make([]library.Counter, 1)}, {Counters: make([]library.Counter, 2)}, {Counters: make([]library.Counter, 3)},
}

// text is a string as BSON: its length, the letter a, and a zero.
var text = bson.RawValue{Type: bson.TypeString, Value: []byte("\x02\x00\x00\x00a\x00")}

var examples = Entries{
	{Kind: 0, ID: bsonvalue.ObjectID(bson.NewObjectID()).Raw(), Stored: 1 << 63, Sums: []int64{7},
		First: []int64{1 << 40}},
	{Kind: 1, ID: text, Sums: []int64{0, 3}},
	{Kind: 1, ID: bsonvalue.Int(-3).Raw(), Stored: 5},
	{Kind: 2, ID: bsonvalue.Int(1 << 50).Raw(), Sums: []int64{1, 2, 3}, First: []int64{4, 5, 6}},
}

func TestEntriesComeBackAsTheyWereSaved(t *testing.T) {
	saved, err := bson.Marshal(Place{Entries: examples})
	if err != nil {
		t.Fatal(err)
	}
	var got Place
	err = bson.Unmarshal(saved, &got)
	same := cmp.Comparer(func(a, b bson.RawValue) bool { return a.Equal(b) })
	if diff := cmp.Diff(examples, got.Entries, same); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestACutEntryIsAnError(t *testing.T) {
	kind, binary, err := examples.MarshalBSONValue()
	if err != nil {
		t.Fatal(err)
	}
	_, whole := bson.RawValue{Type: bson.Type(kind), Value: binary}.Binary()
	for n := range whole {
		_, cut, err := bson.MarshalValue(whole[:n])
		if err != nil {
			t.Fatal(err)
		}
		if err := new(Entries).UnmarshalBSONValue(kind, cut); err == nil {
			t.Errorf("%d of %d bytes were taken for entries", n, len(whole))
		}
	}
}

func TestEntriesOfOtherCollectionsDoNotFit(t *testing.T) {
	if !examples.fit(collections) {
		t.Error("the entries do not fit their own collections")
	}
	fewer := []recount.Collection{collections[1], collections[0], collections[2]}
	if examples.fit(collections[:2]) || examples[1:2].fit(fewer) {
		t.Error("entries of other collections fit")
	}
}

func TestSlicesDivideIDsEvenly(t *testing.T) {
	const n, ids = 8, 8000
	var sizes [n]int
	for range ids {
		sizes[slice(bsonvalue.ObjectID(bson.NewObjectID()), n)]++
	}
	for i, size := range sizes {
		if size < ids/n*8/10 || size > ids/n*12/10 {
			t.Errorf("slice %d has %d of %d ids", i, size, ids)
		}
	}
}
