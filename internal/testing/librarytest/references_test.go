package librarytest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// brokenCase is small enough to see what dangles; want is the targets that do not exist, by collection and field.
type brokenCase struct {
	layout Layout
	docs   collections
	want   map[string][]string
}

func breakAll(t *testing.T, cases map[string]brokenCase) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var got map[string][]string
			for _, d := range c.layout.Broken(Raw(c.docs)) {
				if got == nil {
					got = map[string][]string{}
				}
				got[d.Collection+"."+d.Field] = append(got[d.Collection+"."+d.Field], d.Target)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBroken(t *testing.T) {
	id, text := bson.NewObjectID(), bson.NewObjectID()
	breakAll(t, map[string]brokenCase{
		"a target that exists in another numeric type exists": {UCoreFS, collections{
			tags: {document("_id", 1.0, "parent_id", int32(1))}, fileRecords: {document("_id", "a", "tag_ids", list(int64(1)))},
		}, nil},
		"the hex text of an ObjectID that exists leads there": {UCoreFS, collections{
			directoryRecords: {document("_id", id, "root_id", id.Hex())},
			fileRecords:      {document("_id", "a", "root_id", id.Hex(), "parent_id", id.Hex())},
		}, nil},
		"an ObjectID leads to the document whose id is its hex text": {UCoreFS, collections{
			tags: {document("_id", text.Hex())}, fileRecords: {document("_id", "a", "tag_ids", list(text))},
		}, nil},
		"the hex text of an ObjectID that does not exist dangles": {UCoreFS, collections{
			directoryRecords: {document("_id", id)}, fileRecords: {document("_id", "a", "root_id", text.Hex())},
		}, map[string][]string{"file_records.root_id": {KeyOf(text.Hex())}}},
		"each occurrence in an array counts": {UCoreFS, collections{
			fileRecords: {document("_id", "a", "tag_ids", list(int64(7), 7.0))},
		}, map[string][]string{"file_records.tag_ids": {"n7", "n7"}}},
		"null, a missing field and what is no array refer to nothing": {UCoreFS, collections{
			fileRecords: {document("_id", "a", "tag_ids", int64(7), "album_ids", list(nil), "parent_id", nil)},
		}, nil},
		"a single reference may be of any type": {UCoreFS, collections{
			albums:           {document("_id", int32(1), "cover_id", int64(8))},
			embeddingRecords: {document("_id", int32(1), "file_id", 9.5)},
		}, map[string][]string{"albums.cover_id": {"n8"}, "embedding_records.file_id": {"n9.5"}}},
		"an id of another collection is no target": {UCoreFS, collections{
			tags: {document("_id", int32(1))}, directoryRecords: {document("_id", int32(2), "parent_id", int32(1))},
		}, map[string][]string{"directory_records.parent_id": {"n1"}}},
		"a relation leads to a file or a detection": {UCoreFS, collections{
			fileRecords: {document("_id", int32(1))}, detectionInstances: {document("_id", int32(2))},
			relations: {
				document("_id", "a", "source_id", int32(1), "target_id", int32(2)),
				document("_id", "b", "source_id", int32(2), "target_id", int32(3)),
			},
		}, map[string][]string{"relations.target_id": {"n3"}}},
	})
}

func TestBrokenInTheOtherLayouts(t *testing.T) {
	breakAll(t, map[string]brokenCase{
		"a link of the web application dangles on either side": {Web, collections{
			fileTags: {document("_id", int32(1), "file_id", int32(2), "tag_id", int32(3))},
		}, map[string][]string{"file_tags.file_id": {"n2"}, "file_tags.tag_id": {"n3"}}},
		"an order's customer, coupons and lines": {Shop, collections{
			orders: {document("_id", int32(1), "customer_id", int32(2), "coupon_ids", list(int32(3)))},
			lines:  {document("_id", int32(1), "order_id", int32(1)), document("_id", int32(2), "order_id", int32(4))},
		}, map[string][]string{"orders.customer_id": {"n2"}, "orders.coupon_ids": {"n3"}, "lines.order_id": {"n4"}}},
	})
}
