package references

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
)

// discussion is two posts with a comment each, an answer to the first comment, and votes for all.
func discussion() documentsOf {
	return documentsOf{
		"users": {doc("u")},
		"posts": {
			doc("p1", field("author_id", "u"), field("comment_ids", bson.A{"c1", "a1"}), field("comment_count", 2)),
			doc("p2", field("comment_ids", bson.A{"c2", "c1"}), field("best_id", "c1"), field("comment_count", 9)),
		},
		"comments": {
			doc("c1", field("post_id", "p1")), doc("a1", field("post_id", "p1"), field("answers_id", "c1")),
			doc("c2", field("post_id", "p2"), field("answers_id", "c1")),
		},
		"votes": {
			doc(1, field("on_id", "p1")), doc(2, field("on_id", "c1")), doc(3, field("on_id", "a1")),
			doc(4, field("on_id", "c2")),
		},
	}
}

func gathered(t *testing.T, w *mongodb.Writer, collection string, of ...any) *Referrers {
	t.Helper()
	r, err := Gather(t.Context(), w.Reader, declared(t), collection, idsOf(t, of...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func idsOf(t *testing.T, values ...any) (ids []bsonvalue.ID) {
	t.Helper()
	for _, v := range values {
		ids = append(ids, bsonvalue.Of(raw(t, v).Lookup("f")))
	}
	return ids
}

// A post takes its comments along, these their votes; what is left loses what leads there. Each goes before what it
// refers to.
func TestWhatDependsOnADocumentThatGoes(t *testing.T) {
	_, w := server(t, discussion())
	plan := gathered(t, w, "posts", "p1").All()
	got := plan.Texts()
	want := []string{
		`comments "a1": deleted with post_id "p1", answers_id cleared of "c1"`,
		`comments "c1": deleted with post_id "p1"`,
		`comments "c2": answers_id cleared of "c1"`,
		`posts "p1": comment_ids without "c1", comment_ids without "a1"`,
		`posts "p2": comment_ids without "c1", best_id cleared of "c1"`,
		`votes 1: deleted with on_id "p1"`,
		`votes 2: deleted with on_id "c1"`,
		`votes 3: deleted with on_id "a1"`,
	}
	if slices.IndexFunc(got, isOf("votes")) != 0 {
		t.Errorf("votes refer to all others, and the order is %q", got)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	planned := report.Counts{
		"votesRemoved": 3, "voteRefsRemoved": 3, "commentsRemoved": 2, "commentRefsRemoved": 2, "commentsCleaned": 1,
		"answerRefsRemoved": 2, "postsCleaned": 2, "listedRefsRemoved": 3, "bestRefsRemoved": 1, "readerRefsRemoved": 0,
	}
	counts := NoCounts(plan.Library)
	plan.Count(counts)
	if diff := cmp.Diff(planned, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func isOf(collection string) func(string) bool {
	return func(text string) bool { return len(text) > len(collection) && text[:len(collection)] == collection }
}

// The plans for some of the documents are together the plan for all, and no plan has what the others need.
func TestPlansForSomeOfTheDocuments(t *testing.T) {
	_, w := server(t, discussion())
	r := gathered(t, w, "posts", "p1", "p2")
	one, two := r.For(idsOf(t, "p1")).Texts(), r.For(idsOf(t, "p2")).Texts()
	first, vote := isOf(`comments "c1"`), isOf(`votes 2`)
	if !slices.ContainsFunc(one, first) || slices.ContainsFunc(two, first) || slices.ContainsFunc(two, vote) {
		t.Errorf("the plan for p1 is %q, that for p2 %q", one, two)
	}
	both := r.For(idsOf(t, "p1", "p2")).Texts()
	if diff := cmp.Diff(slices.Sorted(slices.Values(r.All().Texts())), slices.Sorted(slices.Values(both))); diff != "" {
		t.Errorf("all and both (-all +both):\n%s", diff)
	}
	if got := r.For(nil).Texts(); len(got) > 0 {
		t.Errorf("the plan for none is %q", got)
	}
}

// Batch by batch, or all at once, the same documents are left, each with the lengths that they have then.
func TestBatchesEndWhereOneRunEnds(t *testing.T) {
	var ends []map[string]string
	for _, batches := range [][][]any{{{"p1", "p2"}}, {{"p1"}, {"p2"}}, {{"p2"}, {"p1"}}} {
		s, w := server(t, discussion())
		r := gathered(t, w, "posts", "p1", "p2")
		for _, batch := range batches {
			ids := idsOf(t, batch...)
			if _, err := r.For(ids).Execute(t.Context(), w, "run", nil, report.Counts{}); err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				if _, _, err := stores.NewJournal(w, "run").Delete(t.Context(), "posts", []mongodb.Deletion{{ID: id}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		ends = append(ends, stored(t, s, "users", "posts", "comments", "votes"))
	}
	for _, end := range ends {
		if diff := cmp.Diff([]string{`users "u"`}, slices.Sorted(maps.Keys(end))); diff != "" {
			t.Errorf("left are (-want +got):\n%s", diff)
		}
	}
}

// A document that goes is not gone for a reference that a document in a second collection answers.
func TestAnotherDocumentOfTheSameIDAnswers(t *testing.T) {
	id := bson.NewObjectID()
	_, w := server(t, documentsOf{
		"posts":    {doc(id), doc("both")},
		"comments": {doc("both"), doc(1, field("post_id", id)), doc(2, field("post_id", id.Hex()))},
		"votes":    {doc(1, field("on_id", "both")), doc(2, field("on_id", id.Hex()))},
	})
	got := slices.Sorted(slices.Values(gathered(t, w, "posts", id, "both").All().Texts()))
	want := []string{
		"comments 1: deleted with post_id " + id.Hex(), "comments 2: deleted with post_id " + id.Hex(),
		"votes 2: deleted with on_id " + id.Hex(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Of two documents whose ids are the two forms of one, the reference leads to the one that stays.
func TestTheOtherFormOfAnIDStays(t *testing.T) {
	id := bson.NewObjectID()
	forms, going, k := bothForms(bsonvalue.ObjectID(id)), documents{}, newLooker(source{})
	for _, form := range forms {
		k.found.add("posts", form)
	}
	for n, form := range forms {
		if !k.stays("posts", bsonvalue.ObjectID(id), going) {
			t.Errorf("%d of two documents go, and none stays", n)
		}
		going.add("posts", form)
	}
	if k.stays("posts", bsonvalue.ObjectID(id), going) {
		t.Error("both go, and one stays")
	}
}
