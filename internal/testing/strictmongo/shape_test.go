package strictmongo_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

func TestShape(t *testing.T) {
	for want, command := range map[string]bson.D{
		`find {filter: {_id: {$in: [_]}}, limit: _, sort: {_id: {"$numberInt":"1"}}}`: d("find", "tags", "filter",
			d("_id", d("$in", bson.A{1, "2"})), "sort", d("_id", 1), "limit", 5, "lsid", d("id", 1)),
		`update maintenance_locks {updates: [{q: {_id: _, field: {$gt: _}}, u: {$set: {field: _}}}], writeConcern: {w: "majority"}}`: d(
			"update", "maintenance_locks", "updates", bson.A{d("q", d("_id", 1, "a", d("$gt", 1), "b", d("$gt", 2)),
				"u", d("$set", d("x", 1, "y", 2)))}, "writeConcern", d("w", "majority")),
	} {
		body, err := bson.Marshal(command)
		if err != nil {
			t.Fatal(err)
		}
		c := strictmongo.Command{Name: command[0].Key, Collection: command[0].Value.(string), Body: body}
		if got := c.Shape(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
