package references

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// named are the forum's references by their field.
func named(t *testing.T, name string) int {
	t.Helper()
	for i, ref := range declared(t).References {
		if ref.From.Collection+"."+ref.From.Name == name {
			return i
		}
	}
	t.Fatalf("there is no reference %s", name)
	return 0
}

func marshal(t *testing.T, d bson.D) bson.Raw {
	t.Helper()
	doc, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// losing is the change of post 1 that loses these comments from its list, and its best one.
func losing(t *testing.T, best any, listed ...any) Change {
	t.Helper()
	c := Change{Collection: "posts", Document: bsonvalue.Int(1)}
	add := func(name string, v any) {
		target := idOf(raw(t, v).Lookup("f"))
		c.Lost = append(c.Lost, Occurrence{Reference: named(t, name), Document: c.Document, Target: target})
	}
	for _, v := range listed {
		add("posts.comment_ids", v)
	}
	if best != nil {
		add("posts.best_id", best)
	}
	return c
}

func TestWhatADocumentLoses(t *testing.T) {
	id := bson.NewObjectID()
	for name, c := range map[string]struct {
		doc    bson.D
		change Change
		want   bson.D // the fields that are set
	}{
		"the others stay in their order and in the form that they have": {
			doc(1, field("comment_ids", bson.A{id.Hex(), 7, nil, "x", 7.5, id}), field("comment_count", 9)), losing(t, nil, "x"),
			bson.D{field("comment_count", int32(5)), field("comment_ids", bson.A{id.Hex(), int32(7), nil, 7.5, id})},
		},
		"either form goes, and each occurrence": {
			doc(1, field("comment_ids", bson.A{id.Hex(), "x", id, id})), losing(t, nil, id),
			bson.D{field("comment_count", int32(1)), field("comment_ids", bson.A{"x"})},
		},
		"a length that is right already is not written, whatever its type": {
			doc(1, field("comment_ids", bson.A{"x", "y"}), field("comment_count", 1.0)), losing(t, nil, "x"),
			bson.D{field("comment_ids", bson.A{"y"})},
		},
		"a length is not that of a document of another kind": {
			doc(1, field("comment_ids", bson.A{"x"}), field("comment_count", 9), field("locked", true)), losing(t, nil, "x"),
			bson.D{field("comment_ids", bson.A{})},
		},
		"a single field becomes null, and the list and its length stay": {
			doc(1, field("comment_ids", bson.A{"x"}), field("best_id", "gone"), field("comment_count", 9)), losing(t, "gone"),
			bson.D{field("best_id", nil)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			stored := marshal(t, c.doc)
			u := c.change.update(declared(t), stored)
			got := bson.D{}
			for _, f := range u.Fields {
				got = append(got, bson.E{Key: f.Name, Value: f.New})
				if f.Old != bsonvalue.Reference(stored, f.Name) {
					t.Errorf("%s should be %v before, and is %v", f.Name, f.Old, bsonvalue.Reference(stored, f.Name))
				}
			}
			if diff := cmp.Diff(marshal(t, c.want).String(), marshal(t, got).String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAChangeIsWhatIsLeftOfItInTheDocument(t *testing.T) {
	for name, c := range map[string]struct {
		doc    bson.D
		change Change
		want   int // occurrences
	}{
		"all of it": {
			doc(1, field("comment_ids", bson.A{"x", "y"}), field("best_id", "y")), losing(t, "y", "x", "y"), 3,
		},
		"each occurrence that is there": {doc(1, field("comment_ids", bson.A{"x", "x"})), losing(t, nil, "x"), 2},
		"what was taken out is not lost": {
			doc(1, field("comment_ids", bson.A{"z"}), field("best_id", nil)), losing(t, "y", "x", "y"), 0,
		},
		"what moved to another field":     {doc(1, field("comment_ids", bson.A{"y"})), losing(t, "y"), 0},
		"what is no list any more":        {doc(1, field("comment_ids", "x")), losing(t, nil, "x"), 0},
		"a reference that is another now": {doc(1, field("best_id", "z")), losing(t, "y"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.change.still(declared(t), marshal(t, c.doc)); len(got.Lost) != c.want || got.Deleted {
				t.Errorf("it loses %v, want %d", got.Lost, c.want)
			}
		})
	}
}

// A vote that is about another comment now does not go, and one that does is deleted only while it is about this one.
func TestADocumentGoesOnlyForWhatItCannotBeWithout(t *testing.T) {
	c := Change{Collection: "votes", Document: bsonvalue.Int(1), Deleted: true, Lost: []Occurrence{
		{Reference: named(t, "votes.on_id"), Document: bsonvalue.Int(1), Target: bsonvalue.Int(5)},
	}}
	if now := c.still(declared(t), marshal(t, doc(1, field("on_id", 6)))); now.Deleted || len(now.Lost) > 0 {
		t.Errorf("a vote for another comment is %+v", now)
	}
	vote := marshal(t, doc(1, field("on_id", 5.0)))
	now := c.still(declared(t), vote)
	if !now.Deleted {
		t.Errorf("the vote is %+v", now)
	}
	if d := now.deletion(declared(t), vote); d.If["on_id"] != bsonvalue.Int(5) || len(d.If) != 1 {
		t.Errorf("it is deleted while %v", d.If)
	}
}
