package mongodb

import (
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func list(t testing.TB, elements ...any) bson.RawArray {
	t.Helper()
	_, value, err := bson.MarshalValue(append(bson.A{}, elements...))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// contents are the documents of a batch.
func (b *batch) contents() (docs []string) {
	_ = b.each(func(doc bson.Raw) error {
		docs = append(docs, string(doc))
		return nil
	})
	return docs
}

func TestABatchIsTheDocumentsOfAList(t *testing.T) {
	for name, c := range map[string]struct {
		list bson.RawArray
		is   bool
	}{
		"no documents": {list(t), true},
		"documents": {list(t, bson.D{{Key: "_id", Value: 1}}, bson.D{}, bson.D{{Key: "a", Value: "b"}}),
			true},
		"twelve documents":            {list(t, slices.Repeat([]any{bson.D{{Key: "_id", Value: "x"}}}, 12)...), true},
		"a number among them":         {list(t, bson.D{}, 1), false},
		"a list among them":           {list(t, bson.D{}, bson.A{}), false},
		"less than there should be":   {list(t, bson.D{{Key: "_id", Value: 1}})[:15], false},
		"a document without an end":   {bson.RawArray{13, 0, 0, 0, 3, '0', 0, 9, 0, 0, 0, 0, 0}, false},
		"a document that is too long": {bson.RawArray{13, 0, 0, 0, 3, '0', 0, 5, 0, 0, 0x80, 0, 0}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := &batch{}
			if b.adopt(c.list) != c.is {
				t.Fatalf("a batch of it: %t", !c.is)
			}
			if c.is {
				same(t, c.list, b)
			}
		})
	}
}

// same compares a batch with what bson finds.
func same(t *testing.T, list bson.RawArray, b *batch) {
	t.Helper()
	values, err := list.Values()
	if err != nil || len(values) != b.len() {
		t.Fatalf("%d documents of %d, %v", b.len(), len(values), err)
	}
	copied := &batch{}
	for i, v := range values {
		copied.add(v.Document())
		if id := v.Document().Lookup("_id"); b.idType(i) != id.Type || !b.id(i).Equal(id) {
			t.Errorf("the _id of document %d is %v, want %v", i, b.id(i), id)
		}
	}
	if !slices.Equal(copied.contents(), b.contents()) {
		t.Errorf("%q, want %q", b.contents(), copied.contents())
	}
}

// bson is the oracle: what it finds no fault with is a batch of the same documents.
func FuzzBatch(f *testing.F) {
	f.Add([]byte(list(f, bson.D{{Key: "_id", Value: 1}}, bson.D{{Key: "a", Value: 1}, {Key: "_id", Value: "x"}},
		bson.D{})))
	f.Add([]byte(list(f, bson.D{}, 1)))
	f.Fuzz(func(t *testing.T, bytes []byte) {
		b := &batch{}
		adopted := b.adopt(bytes)
		if !adopted || bson.RawArray(bytes).Validate() != nil {
			return
		}
		same(t, bytes, b)
	})
}
