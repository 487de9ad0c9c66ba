package references

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
)

// padded is docs with so many more documents in a collection that it is read later than smaller ones.
func padded(docs documentsOf, collection string) documentsOf {
	for i := range 20 {
		docs[collection] = append(docs[collection], doc("more-"+string(rune('a'+i))))
	}
	return docs
}

func TestFind(t *testing.T) {
	id, other := bson.NewObjectID(), bson.NewObjectID()
	for name, c := range map[string]struct {
		docs documentsOf
		want []string
	}{
		"an id twice in one list counts twice": {documentsOf{
			"posts": {doc(1, field("comment_ids", bson.A{"c", "gone", "gone"}))}, "comments": {doc("c")},
		}, []string{`posts 1: comment_ids → "gone" does not exist`, `posts 1: comment_ids → "gone" does not exist`}},
		"either form of an id leads to either form of a document": {documentsOf{
			"posts": {doc(id), doc(other.Hex())},
			"comments": {
				doc(1, field("post_id", id)), doc(2, field("post_id", id.Hex())),
				doc(3, field("post_id", other)), doc(4, field("post_id", other.Hex())),
			},
		}, nil},
		"the text of an ObjectID that does not exist leads nowhere": {documentsOf{
			"posts": {doc(id)}, "comments": {doc(1, field("post_id", other.Hex()))},
		}, []string{"comments 1: post_id → " + other.Hex() + " does not exist"}},
		"a reference into two collections is broken where neither has the document": {documentsOf{
			"comments": {doc("c")}, "posts": {doc("p")},
			"votes": {doc(1, field("on_id", "c")), doc(2, field("on_id", "p")), doc(3, field("on_id", "u"))},
			"users": {doc("u")},
		}, []string{`votes 3: on_id → "u" does not exist`}},
		"a document refers to itself, and to those that are read before and after it": {documentsOf{
			"comments": {
				doc(1, field("answers_id", 1)), doc(2, field("answers_id", 3)), doc(3, field("answers_id", 2)),
				doc(4, field("answers_id", 5)),
			},
		}, []string{"comments 4: answers_id → 5 does not exist"}},
		"what is only reported is found too": {documentsOf{
			"posts": {doc(1, field("author_id", "gone")), doc(2, field("author_id", nil)), doc(3)},
		}, []string{`posts 1: author_id → "gone" does not exist`}},
	} {
		for _, large := range []string{"", "posts", "comments", "votes"} {
			t.Run(name+", and most are "+large, func(t *testing.T) {
				docs := documentsOf{}
				for collection, list := range c.docs {
					docs[collection] = slices.Clone(list)
				}
				if large != "" {
					docs = padded(docs, large)
				}
				_, w := server(t, docs)
				found, err := Find(t.Context(), w.Reader, declared(t), nil)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, texts(found)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if broken(found) != int64(len(c.want)) || found.Unkept() != 0 {
					t.Errorf("%d are broken, %d of them not kept", broken(found), found.Unkept())
				}
			})
		}
	}
}

func texts(f *Findings) (all []string) {
	for _, finding := range f.References {
		for _, o := range finding.Occurrences {
			all = append(all, f.Text(o))
		}
	}
	slices.Sort(all)
	return all
}

func broken(f *Findings) (n int64) {
	for _, finding := range f.References {
		n += finding.Broken
	}
	return n
}

func TestHoldersAreDocumentsThatReferToAnything(t *testing.T) {
	_, w := server(t, documentsOf{"posts": {
		doc(1, field("comment_ids", bson.A{"gone", "gone"})), doc(2, field("comment_ids", bson.A{nil})),
		doc(3, field("comment_ids", "c")), doc(4, field("comment_ids", bson.A{"c"})),
	}, "comments": {doc("c")}})
	found, err := Find(t.Context(), w.Reader, declared(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := found.References[1].Holders; got != 2 {
		t.Errorf("%d documents hold comments, want 2", got)
	}
	want := map[string]int64{"posts": 4, "comments": 1, "users": 0, "guests": 0, "votes": 0}
	if diff := cmp.Diff(want, found.Documents); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

// All broken references are counted, however few are kept.
func TestTheOccurrencesThatAreKeptAreLimited(t *testing.T) {
	docs := documentsOf{"comments": {doc("c")}, "posts": {doc("p")}}
	for i := range 10 {
		docs["posts"] = append(docs["posts"], doc(i, field("comment_ids", bson.A{"gone", "c"})))
		docs["comments"] = append(docs["comments"], doc(i, field("post_id", "gone")))
	}
	_, w := server(t, docs)
	s := source{db: w.Reader, library: declared(t)}
	f := newFinder(s, s.bySize(t.Context()))
	f.most = 7
	found, err := f.find(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if broken(found) != 20 || found.Unkept() != 6 || len(texts(found)) != 14 {
		t.Errorf("%d are broken, %d not kept, %d kept", broken(found), found.Unkept(), len(texts(found)))
	}
}

func TestEmptyTargets(t *testing.T) {
	_, w := server(t, documentsOf{
		"posts":    {doc(1, field("author_id", "gone"), field("comment_ids", bson.A{"c", "gone"}))},
		"comments": {doc("c", field("reader_ids", bson.A{"gone", "gone"}), field("post_id", 1))},
		"votes":    {doc(1, field("on_id", "gone"))}, "guests": {doc("g")},
	})
	found, err := Find(t.Context(), w.Reader, declared(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := found.EmptyTargets(func(int) bool { return true })
	want := "users has no documents, but 3 references lead or may lead there"
	if strings.Join(got, "; ") != want {
		t.Errorf("empty are %q, want %q", got, want)
	}
	for from, want := range map[string]bool{
		"comments.reader_ids[]": false, "posts.author_id": false, "posts.comment_ids[]": true, "votes.on_id": true,
	} {
		at := slices.IndexFunc(found.Library.References, func(r library.Reference) bool { return r.From.String() == from })
		if got := found.Removable(at); got != want {
			t.Errorf("%s is removable: %v", from, got)
		}
	}
}

// The first look is at a database that lacks a document. Seen to fail when the
// second look was at the same one.
func TestWhatAFirstLookDoesNotFindIsLookedForElsewhere(t *testing.T) {
	posts := []bson.D{doc("p", field("comment_ids", bson.A{"new", "gone"}))}
	_, behind := server(t, documentsOf{"comments": {doc("c")}, "posts": posts})
	_, primary := server(t, documentsOf{"comments": {doc("c"), doc("new")}, "posts": posts})
	found, err := FindFrom(t.Context(), behind.Reader, primary.Reader, declared(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if broken(found) != 1 || len(texts(found)) != 1 {
		t.Errorf("%d are broken: %q", broken(found), texts(found))
	}
}
