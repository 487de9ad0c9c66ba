package idtable

import (
	"encoding/binary"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Whatever the bytes in which ids differ, none of the parts has many more of them than another. Seen to fail, with all
// ids in one part, where the high bits of a product did not change the low ones at the end.
func TestPartsHaveAboutAsManyIDs(t *testing.T) {
	const ids, twice = 200_000, 2 * 2 * idsOfPart // one that is to be split next has twice as many as one that was
	for at := range 5 {
		var table Table[struct{}]
		for i := range ids {
			var id bson.ObjectID
			binary.BigEndian.PutUint64(id[at:], uint64(i)<<(8*(at%3)))
			table.Put(id, struct{}{})
		}
		longest := 0
		for i := range table.parts {
			longest = max(longest, len(table.parts[i].values))
		}
		if table.Len() != ids || longest > twice {
			t.Errorf("a counter from byte %d on: the longest of %d parts has %d of %d ids", at, len(table.parts), longest,
				table.Len())
		}
	}
}
