package onmongodb

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// What the program sends about documents by their ids, the server finds by the index of _id: it looks at no more
// documents than that.
func TestExplain(t *testing.T) {
	l := newLab(t, uri(t))
	some := bson.A{}
	for id := range l.Documents(t, "file_records") {
		some = append(some, id)
	}
	d := func(pairs ...any) (doc bson.D) {
		for i := 0; i < len(pairs); i += 2 {
			doc = append(doc, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
		}
		return doc
	}
	id, byID := bson.NewObjectID(), d("_id", 1)
	for name, command := range map[string]bson.D{
		"a page of a scan": d("find", "file_records", "filter", d("_id", d("$gt", id)), "sort", byID),
		"documents by their id": d("find", "file_records", "filter", d("$and", bson.A{d(), d("_id", d("$in", some))}), "sort",
			byID),
		"a document": d("find", "file_records", "filter", d("_id", id), "limit", 1),
		"an update": d("update", "file_records", "updates", bson.A{
			d("q", d("_id", id, "file_type", d("$eq", "image", "$not", d("$type", 4))), "u", d("$set", d("file_type", "text"))),
		}),
		"a deletion": d("delete", "file_records", "deletes", bson.A{d("q", d("_id", id, "path", d("$exists", false)), "limit",
			1)}),
	} {
		var plan bson.Raw
		err := l.DB.RunCommand(t.Context(), d("explain", command, "verbosity", "queryPlanner")).Decode(&plan)
		if err != nil {
			t.Logf("LEFT OUT: explain: %v", err)
			return
		}
		if text := fmt.Sprint(plan.Lookup("queryPlanner", "winningPlan")); strings.Contains(text, "COLLSCAN") ||
			strings.Contains(text, `"SORT"`) {
			t.Errorf("%s: the server looks through the whole collection, or sorts: %s", name, text)
		}
	}
}
