package strictmongo_test

import (
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

func TestShapes(t *testing.T) {
	byID := d("q", d("_id", 1, "a", d("$eq", 1), "b", d("$exists", false)), "u", d("$set", d("x", 1)))
	for name, c := range map[string]struct {
		command bson.D
		shapes  []string
	}{
		"values are left out": {
			d("find", "tags", "filter", d("_id", d("$in", bson.A{1, "2"})), "sort", d("_id", 1), "limit", 5, "lsid", d("id", 1)),
			[]string{"find {filter: {_id: {$in}}, limit: _, sort: {_id: 1}}"},
		},
		"operations that differ have a shape each": {
			d("update", "maintenance_x", "updates", bson.A{byID, byID, d("q", d("a", d("$gt", 1)), "u", d("x", 1), "upsert",
				true)}),
			[]string{"update maintenance_x {q: {_id: _, field: same}, u: {$set: fields}}",
				"update maintenance_x {q: {field: {$gt}}, u: document, upsert: true}"},
		},
		"a comparison of a whole document": {
			d("delete", "tags", "deletes",
				bson.A{d("q", d("_id", 1, "$expr", d("$eq", bson.A{"$$ROOT", d("$literal", d("a", 1))})), "limit", 1)}),
			[]string{"delete {limit: 1, q: {$expr: same, _id: _}}"},
		},
		"a query of the library is a value": {
			d("aggregate", "files", "pipeline", bson.A{d("$match", d("a", 1)), d("$group", d("_id", 1))}, "cursor", d()),
			[]string{"aggregate {pipeline: [$match, $group]}"},
		},
		"concerns stay": {
			d("insert", "tags", "documents", bson.A{d()}, "writeConcern", d("w", "majority", "wtimeout", 77), "readConcern",
				d("level", "local")),
			[]string{"insert {documents: [documents], readConcern: {level: local}, writeConcern: {w: majority, wtimeout: _}}"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := bson.Marshal(c.command)
			if err != nil {
				t.Fatal(err)
			}
			command := strictmongo.Command{Name: c.command[0].Key, Collection: c.command[0].Value.(string), Body: body}
			if got := command.Shapes(); !slices.Equal(got, c.shapes) {
				t.Errorf("got  %q\nwant %q", got, c.shapes)
			}
		})
	}
}
