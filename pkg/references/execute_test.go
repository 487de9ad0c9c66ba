package references

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
)

// The findings of a library that is broken in all ways are removed to the end, and what was written comes back.
func TestExecuteRemovesAllThatIsBrokenAndNothingElse(t *testing.T) {
	docs := discussion()
	docs["posts"] = docs["posts"][1:] // p1 is gone
	s, w := server(t, docs)
	before := stored(t, s, "users", "posts", "comments", "votes")
	found, err := Find(t.Context(), w.Reader, declared(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := found.Gather(t.Context(), w.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	plan := r.All()
	planned, done := NoCounts(declared(t)), NoCounts(declared(t))
	plan.Count(planned)
	if conflicts, err := plan.Execute(t.Context(), w, "run", nil, done); err != nil || conflicts > 0 {
		t.Fatalf("%d conflicts, %v", conflicts, err)
	}
	want := map[string]string{
		`users "u"`: `{"_id": "u"}`,
		`posts "p2"`: `{"_id": "p2","comment_ids": ["c2"],"best_id": null,` +
			`"comment_count": {"$numberInt":"1"}}`,
		`comments "c2"`: `{"_id": "c2","post_id": "p2","answers_id": null}`,
		`votes 4`:       `{"_id": {"$numberInt":"4"},"on_id": "c2"}`,
	}
	if diff := cmp.Diff(want, stored(t, s, "users", "posts", "comments", "votes")); diff != "" {
		t.Errorf("left are (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(planned, done); diff != "" {
		t.Errorf("done differs from the plan (-plan +done):\n%s", diff)
	}
	again := report.Counts{}
	if _, err := plan.Execute(t.Context(), w, "again", nil, again); err != nil || len(again) > 0 {
		t.Errorf("made again, it is %v, %v", again, err)
	}
	if _, err := stores.Restore(t.Context(), w, "run"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, stored(t, s, "users", "posts", "comments", "votes")); diff != "" {
		t.Errorf("restored (-before +after):\n%s", diff)
	}
}

// More documents than one batch takes, of two collections, some of them larger than a batch may be.
func TestManyAndLargeDocumentsAreChangedInBatches(t *testing.T) {
	docs := documentsOf{"posts": {doc("p")}, "comments": {doc("c", field("post_id", "p"))}}
	for i := range batchDocuments + 1 {
		docs["posts"] = append(docs["posts"], doc(fmt.Sprint("p", i), field("comment_ids", bson.A{"gone", "c"})))
		docs["comments"] = append(docs["comments"], doc(fmt.Sprint("c", i), field("post_id", "gone")))
	}
	for i := range 3 { // 2 MB each, so that two fill a batch
		list := bson.A{"gone"}
		for range 500 {
			list = append(list, strings.Repeat("c", 4<<10))
		}
		docs["posts"] = append(docs["posts"], doc(fmt.Sprint("large", i), field("comment_ids", list)))
	}
	s, w := server(t, docs)
	found, err := Find(t.Context(), w.Reader, declared(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := found.Gather(t.Context(), w.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	done := report.Counts{}
	if _, err := r.All().Execute(t.Context(), w, "run", nil, done); err != nil {
		t.Fatal(err)
	}
	n := int64(batchDocuments + 1)
	if done["commentsRemoved"] != n || done["postsCleaned"] != n+3 {
		t.Errorf("done is %v", done)
	}
	for _, post := range s.Documents(t, "posts") {
		list, _ := post.Lookup("comment_ids").ArrayOK()
		values, _ := list.Values()
		count, counted := post.Lookup("comment_count").Int32OK()
		gone := len(values) > 0 && values[0].StringValue() == "gone"
		if counted && int(count) != len(values) || gone {
			t.Errorf("%s has %d comments and counts %d", post.Lookup("_id"), len(values), count)
		}
	}
}
