package backgroundcountverification

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

var examples = []entry{
	{kind: 0, id: bsonvalue.ObjectID(bson.NewObjectID()), stored: 1 << 63, counters: []counter{{counted, 7, 1 << 40}}},
	{kind: 1, id: bsonvalue.Of(text), counters: []counter{{}, {answered, 3, 0}}},
	{kind: 1, id: bsonvalue.Int(-3), stored: 5, counters: []counter{{counted, 2, 0}, {}}},
	{kind: 2, id: bsonvalue.Int(1 << 50), counters: []counter{{counted, 1, 4}, {counted, 2, 5}, {counted, 3, 6}}},
}

func TestEntriesComeBackAsTheyWerePacked(t *testing.T) {
	packed := []byte{}
	for _, e := range examples {
		packed = e.pack(packed)
	}
	got, err := unpack(packed, collections)
	same := cmp.Options{
		cmp.AllowUnexported(entry{}, counter{}), cmp.Comparer(func(a, b bsonvalue.Value) bool { return a == b }),
	}
	if diff := cmp.Diff(examples, got, same); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestACutEntryIsAnError(t *testing.T) {
	for _, e := range examples {
		whole := e.pack(nil)
		for n := 1; n < len(whole); n++ {
			if _, err := unpack(whole[:n], collections); err == nil {
				t.Errorf("%d of %d bytes of %v were taken for an entry", n, len(whole), e.id)
			}
		}
	}
}

func TestAnEntryOfAnUnknownCollectionIsAnError(t *testing.T) {
	if _, err := unpack(examples[3].pack(nil), collections[:2]); err == nil {
		t.Error("it was taken for an entry")
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
