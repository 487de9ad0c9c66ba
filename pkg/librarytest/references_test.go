package librarytest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// Each case is small enough to see what dangles; want is the targets that do not exist, by collection and field.
func TestDanglings(t *testing.T) {
	for name, c := range map[string]struct {
		docs map[string][]bson.D
		want map[string][]string
	}{
		"a target that exists in another numeric type exists": {
			map[string][]bson.D{"tags": {doc("_id", 1.0, "parent_id", int32(1))}, "file_records": {doc("_id", "a", "tag_ids", bson.A{int64(1)})}},
			map[string][]string{}},
		"the same target twice in an array dangles once": {
			map[string][]bson.D{"file_records": {doc("_id", "a", "tag_ids", bson.A{int64(7), 7.0})}},
			map[string][]string{"file_records.tag_ids": {"n7"}}},
		"null, a missing field and what is no array refer to nothing": {
			map[string][]bson.D{"file_records": {doc("_id", "a", "tag_ids", int64(7), "album_ids", bson.A{nil}, "parent_id", nil)}},
			map[string][]string{}},
		"a single reference may be of any type": {
			map[string][]bson.D{"albums": {doc("_id", int32(1), "cover_id", int64(8))}, "embeddings": {doc("_id", int32(1), "file_id", 9.5)}},
			map[string][]string{"albums.cover_id": {"n8"}, "embeddings.file_id": {"n9.5"}}},
		"an id of another collection is no target": {
			map[string][]bson.D{"tags": {doc("_id", int32(1))}, "directory_records": {doc("_id", int32(2), "parent_id", int32(1))}},
			map[string][]string{"directory_records.parent_id": {"n1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[string][]string{}
			for _, d := range Danglings(Raw(c.docs)) {
				got[d.Collection+"."+d.Field] = append(got[d.Collection+"."+d.Field], d.Target)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
