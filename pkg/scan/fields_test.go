package scan_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/scan"
)

// paths are fields of every kind: at the top, in documents, in lists, in what is itself asked for.
var paths = []string{"_id", "a", "tag_ids", "b.c", "b", "b.c.d", "list.0", "list.1.x", "", "b."}

func fields() *scan.Fields {
	f := scan.NewFields()
	for _, path := range paths {
		f.Position(path)
	}
	return f
}

// sameAsLookup compares a Row with bson's own look-ups, one for each field.
func sameAsLookup(t *testing.T, f *scan.Fields, doc bson.Raw) {
	t.Helper()
	row := f.Read(doc)
	for _, path := range paths {
		want, got := doc.Lookup(splitPath(path)...), row[f.Position(path)]
		if got.Type != want.Type || !bytes.Equal(got.Value, want.Value) {
			t.Errorf("%q is %v, want %v, in %v", path, got, want, doc)
		}
	}
}

func splitPath(path string) []string {
	var keys []string
	for key := range bytes.SplitSeq([]byte(path), []byte(".")) {
		keys = append(keys, string(key))
	}
	return keys
}

// every is a document with a value of each type.
func every() bson.D {
	id := bson.NewObjectID()
	values := []any{
		1.5, "text", bson.D{{Key: "c", Value: bson.D{{Key: "d", Value: 1}}}}, bson.A{"x", bson.D{{Key: "x", Value: 2}}},
		bson.Binary{Subtype: 2, Data: []byte{1, 2}}, bson.Undefined{}, id, true, time.Unix(1, 0), nil,
		bson.Regex{Pattern: "p", Options: "i"},
		bson.DBPointer{DB: "db", Pointer: id}, bson.JavaScript("x"), bson.Symbol("s"), bson.CodeWithScope{Code: "x",
			Scope: bson.D{}},
		int32(1), bson.Timestamp{T: 1}, int64(1), bson.NewDecimal128(1, 2), bson.MinKey{}, bson.MaxKey{},
	}
	doc := bson.D{}
	for i, v := range values {
		doc = append(doc, bson.E{Key: fmt.Sprint("field", i), Value: v})
	}
	return doc
}

func raw(t testing.TB, v any) bson.Raw {
	t.Helper()
	doc, err := bson.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestARowIsWhatLookupFinds(t *testing.T) {
	nested := bson.D{{Key: "c", Value: bson.D{{Key: "d", Value: "deep"}}}, {Key: "", Value: 1}}
	for name, doc := range map[string]bson.D{
		"an empty document":           {},
		"fields in any order":         {{Key: "tag_ids", Value: bson.A{1}}, {Key: "a", Value: 2}, {Key: "_id", Value: 3}},
		"a field twice":               {{Key: "a", Value: 1}, {Key: "a", Value: 2}, {Key: "_id", Value: 3}},
		"a null twice":                {{Key: "a", Value: nil}, {Key: "a", Value: 2}, {Key: "_id", Value: 3}},
		"documents in documents":      {{Key: "b", Value: nested}},
		"a document twice":            {{Key: "b", Value: bson.D{}}, {Key: "b", Value: nested}},
		"no document where one is":    {{Key: "b", Value: 1}, {Key: "list", Value: "x"}},
		"elements of lists":           {{Key: "list", Value: bson.A{1, bson.D{{Key: "x", Value: 2}}}}},
		"a name that begins the same": {{Key: "tag", Value: 1}, {Key: "tag_ids2", Value: 1}, {Key: "tag_ids", Value: 2}},
		"an empty name":               {{Key: "", Value: 1}, {Key: "a", Value: 1}},
		"values of all types":         every(),
	} {
		t.Run(name, func(t *testing.T) {
			sameAsLookup(t, fields(), raw(t, doc))
			sameAsLookup(t, fields(), raw(t, append(every(), doc...)))
		})
	}
}

func TestAListGivesItsElements(t *testing.T) {
	list := bson.A{}
	for _, e := range every() {
		list = append(list, e.Value)
	}
	v := raw(t, bson.D{{Key: "list", Value: list}}).Lookup("list")
	want, err := v.Array().Values()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, elements(v), cmp.Comparer(bson.RawValue.Equal)); diff != "" {
		t.Error(diff)
	}
	if got := elements(raw(t, bson.D{{Key: "x", Value: bson.D{{Key: "0", Value: 1}}}}).Lookup("x")); len(got) > 0 {
		t.Errorf("a document has the elements %v", got)
	}
}

func elements(v bson.RawValue) (all []bson.RawValue) {
	for list := scan.List(v); list.Next(); {
		all = append(all, list.Value)
	}
	return all
}

func TestNamesAreTheFieldsAtTheTop(t *testing.T) {
	if diff := cmp.Diff([]string{"_id", "a", "tag_ids", "b", "list", ""}, fields().Names()); diff != "" {
		t.Error(diff)
	}
}

// A bad document cannot come from a server; it must not end the program either.
func FuzzARowIsWhatLookupFinds(f *testing.F) {
	for _, docs := range librarytest.GenerateWith(1, librarytest.TinyOptions(1)).Raw() {
		for _, doc := range docs[:min(len(docs), 3)] {
			f.Add([]byte(doc))
		}
	}
	f.Add([]byte(raw(f, every())))
	f.Fuzz(func(t *testing.T, doc []byte) {
		row := fields().Read(doc)
		for _, v := range row {
			elements(v)
		}
		if bson.Raw(doc).Validate() == nil && wellFormed(doc) {
			sameAsLookup(t, fields(), doc)
		}
	})
}

// wellFormed tells whether doc is as a server can store it, which Validate does not look at within values.
func wellFormed(doc []byte) bool {
	var d bson.D
	if bson.Unmarshal(doc, &d) != nil {
		return false
	}
	again, err := bson.Marshal(d)
	return err == nil && bytes.Equal(again, doc)
}

// Where is compared with itself by name.
func TestWhereMatchesAsTheDeclarationDoes(t *testing.T) {
	least := 2.0
	conditions := library.Where{
		{Field: "a", Values: []any{true, "x"}}, {Field: "b.c", Not: "x"}, {Field: "n", AtLeast: &least},
		{Field: "gone", Missing: true},
	}
	values := []any{nil, true, "x", int32(1), 3.5, bson.D{{Key: "c", Value: "x"}}, bson.D{{Key: "c", Value: 1}}, bson.A{}}
	for i := range len(conditions) + 1 {
		w := slices.Concat(conditions[:i], conditions[min(i+1, len(conditions)):])
		f := scan.NewFields()
		compiled := f.Where(w)
		for n := range len(values) * len(values) * len(values) {
			doc := raw(t, bson.D{
				{Key: "a", Value: values[n%8]}, {Key: "b", Value: values[n/8%8]}, {Key: "n", Value: values[n/64]},
			})
			if got, want := compiled.Matches(f.Read(doc)), w.Matches(doc); got != want {
				t.Errorf("%v is %t, want %t, of %v", w, got, want, doc)
			}
		}
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	f, doc := fields(), raw(t, append(every(), bson.E{Key: "list", Value: bson.A{1, 2}}))
	if n := testing.AllocsPerRun(100, func() {
		row := f.Read(doc)
		for list := scan.List(row[f.Position("list")]); list.Next(); {
		}
	}); n > 0 {
		t.Errorf("%.1f allocations", n)
	}
}

// BenchmarkRead reads a file record as it comes with four fields.
func BenchmarkRead(b *testing.B) {
	doc := raw(b, bson.D{
		{Key: "_id", Value: bson.NewObjectID()}, {Key: "tag_ids", Value: bson.A{bson.NewObjectID(), bson.NewObjectID()}},
		{Key: "album_ids", Value: nil}, {Key: "parent_id", Value: bson.NewObjectID()}, {Key: "size_bytes", Value: int64(4)},
	})
	names := []string{"_id", "tag_ids", "parent_id", "size_bytes"}
	b.Run("walk", func(b *testing.B) {
		f := scan.NewFields()
		for _, name := range names {
			f.Position(name)
		}
		b.ReportAllocs()
		for b.Loop() {
			f.Read(doc)
		}
	})
	b.Run("lookup", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, name := range names {
				doc.Lookup(name)
			}
		}
	})
}
