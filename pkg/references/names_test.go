package references

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// People look for a path or a name, not for an id.
func TestASampleNamesTheDocuments(t *testing.T) {
	_, w := server(t, documentsOf{
		"posts": {
			doc("a", field("name", "a b.jpg"), field("path", "/photos/a\nb.jpg"), field("comment_ids", bson.A{"gone", "lost"})),
			doc("b", field("title", "Summer"), field("name", 7), field("comment_ids", bson.A{"gone"})),
			doc("c", field("comment_ids", bson.A{"gone"})),
		},
		"comments": {doc("x")},
	})
	found, err := Find(t.Context(), w.Reader, declared(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := found.FindNames(t.Context(), w.Reader, 5); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`posts "a" (/photos/a b.jpg): comment_ids → "gone" does not exist`,
		`posts "a" (/photos/a b.jpg): comment_ids → "lost" does not exist`,
		`posts "b" (Summer): comment_ids → "gone" does not exist`, `posts "c": comment_ids → "gone" does not exist`,
	}
	if diff := cmp.Diff(want, texts(found)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
