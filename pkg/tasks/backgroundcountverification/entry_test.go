package backgroundcountverification

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
)

var examples = []entry{
	{kind: tags, id: mongodb.ObjectID(bson.NewObjectID()), stored: 1 << 63, sum: [3]int64{7}, first: [3]int64{1 << 40}},
	{kind: albums, smart: true, counted: true, id: mongodb.ValueOf(bson.RawValue{Type: bson.TypeString, Value: []byte("\x02\x00\x00\x00a\x00")})},
	{kind: albums, id: mongodb.Int(-3), stored: 5, sum: [3]int64{2}},
	{kind: directories, id: mongodb.Int(1 << 50), sum: [3]int64{1, 2, 3}, first: [3]int64{4, 5, 6}},
}

func TestEntriesComeBackAsTheyWerePacked(t *testing.T) {
	for _, second := range []bool{false, true} {
		want := append([]entry(nil), examples...)
		packed := []byte{}
		for i := range want {
			if !second {
				want[i].first = [3]int64{}
			}
			packed = want[i].pack(packed, second)
		}
		got, err := unpack(packed, second)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{}), cmp.Comparer(func(a, b mongodb.Value) bool { return a == b })); err != nil || diff != "" {
			t.Errorf("second %v: %v (-want +got):\n%s", second, err, diff)
		}
	}
}

func TestACutEntryIsAnError(t *testing.T) {
	for _, e := range examples {
		whole := e.pack(nil, true)
		for n := 1; n < len(whole); n++ {
			if _, err := unpack(whole[:n], true); err == nil {
				t.Errorf("%d of %d bytes of %v were taken for an entry", n, len(whole), e.id)
			}
		}
	}
}

func TestSlicesDivideIDsEvenly(t *testing.T) {
	const n, ids = 8, 8000
	var sizes [n]int
	for range ids {
		sizes[slice(mongodb.ObjectID(bson.NewObjectID()), n)]++
	}
	for i, size := range sizes {
		if size < ids/n*8/10 || size > ids/n*12/10 {
			t.Errorf("slice %d has %d of %d ids", i, size, ids)
		}
	}
}
