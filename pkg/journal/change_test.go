package journal

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func raw(t testing.TB, d bson.D) bson.Raw {
	t.Helper()
	b, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// oddNames are names of fields that a server may store and that no filter can name.
var oddNames = []string{"", "a.b", "$set", "$", ".", "a..b", "..", "list.0"}

// filler makes a document so large that its change is smaller.
var filler = bson.E{Key: "filler", Value: string(make([]byte, 1000))}

func TestAnEntryLeadsBackToTheDocumentAsItWas(t *testing.T) {
	list := bson.A{"a", "b", "c", int32(1), int64(1), 1.0, nil, bson.D{{Key: "$x", Value: "."}}}
	base := bson.D{{Key: "_id", Value: 1}, filler}
	for _, name := range oddNames {
		base = append(base, bson.E{Key: name, Value: name})
	}
	with := func(fields ...bson.E) bson.Raw { return raw(t, append(base[:len(base):len(base)], fields...)) }
	field := func(v any) bson.E { return bson.E{Key: "f", Value: v} }
	for name, c := range map[string]struct {
		before, after bson.Raw
		form          Form
	}{
		"deleted":                      {with(), nil, Whole},
		"nothing":                      {with(field(1)), with(field(1)), Change},
		"a number":                     {with(field(1)), with(field(2)), Change},
		"a number's type alone":        {with(field(int32(1))), with(field(int64(1))), Change},
		"a field set to null":          {with(field("text")), with(field(nil)), Change},
		"a field added":                {with(), with(field("text")), Change},
		"a list without its first":     {with(field(list)), with(field(list[1:])), Change},
		"a list without its last":      {with(field(list)), with(field(list[:3])), Change},
		"a list emptied":               {with(field(list)), with(field(bson.A{})), Change},
		"a list filled":                {with(field(bson.A{})), with(field(list)), Change},
		"a list with others instead":   {with(field(list)), with(field(bson.A{"x", "c", "y"})), Change},
		"a list turned round":          {with(field(bson.A{"a", "b"})), with(field(bson.A{"b", "a"})), Change},
		"a list that was no list":      {with(field("a")), with(field(list)), Change},
		"a list that is none any more": {with(field(list)), with(field("a")), Change},
		"an odd field changed": {with(), bytes.Replace(with(), []byte("a.b\x00\x04\x00\x00\x00a.b"),
			[]byte("a.b\x00\x04\x00\x00\x00a-b"), 1), Change},
		"a field removed":                  {with(field(1)), with(), Whole},
		"fields in another order":          {with(field(1), bson.E{Key: "g"}), with(bson.E{Key: "g"}, field(1)), Whole},
		"a small document":                 {raw(t, bson.D{field(1)}), raw(t, bson.D{field(2)}), Whole},
		"a list whose keys are no numbers": {oddList(t, "x"), oddList(t, "y"), Whole},
		"everything at once, behind others": {with(field(list), bson.E{Key: "n", Value: 3}),
			with(field(list[2:4]), bson.E{Key: "n", Value: 2}, bson.E{Key: "o"}), Change},
	} {
		t.Run(name, func(t *testing.T) {
			e := NewEntry(c.before, c.after)
			if e.Form != c.form {
				t.Errorf("the form is %s, want %s", e.Form, c.form)
			}
			got, err := e.Original(c.after)
			if err != nil || !bytes.Equal(got, c.before) {
				t.Errorf("%v, %v\nwant %v", got, err, c.before)
			}
		})
	}
}

// oddList is a list whose elements are named otherwise than a driver names them.
func oddList(t *testing.T, value string) bson.Raw {
	t.Helper()
	inner := document([]bson.RawElement{element("7", bson.RawValue{Type: bson.TypeNull}),
		element("b", bson.RawValue{Type: bson.TypeNull})})
	doc := raw(t, bson.D{filler, {Key: "v", Value: value}})
	elements, err := doc.Elements()
	if err != nil {
		t.Fatal(err)
	}
	if value == "y" {
		inner = document([]bson.RawElement{element("0", bson.RawValue{Type: bson.TypeNull})})
	}
	return document(append(elements, element("list", bson.RawValue{Type: bson.TypeArray, Value: inner})))
}

// Whatever a document is and becomes, its entry leads back to it and is not larger than it.
func TestEveryEntryLeadsBack(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		before, after := raw(t, anyDocument(r)), raw(t, anyDocument(r))
		e := NewEntry(before, after)
		if got, err := e.Original(after); err != nil || !bytes.Equal(got, before) || len(e.Data) > len(before) {
			t.Fatalf("seed %d: %s of %d bytes leads to %v, %v\nwant %v\nfrom %v", seed, e.Form, len(e.Data), got, err, before,
				after)
		}
	}
}

func anyDocument(r *rand.Rand) bson.D {
	d := bson.D{{Key: "_id", Value: 1}}
	if r.IntN(2) > 0 {
		d = append(d, filler)
	}
	for i := range r.IntN(5) {
		name := fmt.Sprint("f", i)
		if r.IntN(4) == 0 {
			name = oddNames[r.IntN(len(oddNames))]
		}
		d = append(d, bson.E{Key: name, Value: anyValue(r)})
	}
	return d
}

func anyValue(r *rand.Rand) any {
	scalars := []any{nil, "", "x", int32(1), int64(1), 1.0, bson.D{{Key: "$a.b", Value: 1}}, bson.A{}}
	if r.IntN(2) > 0 {
		return scalars[r.IntN(len(scalars))]
	}
	list := bson.A{}
	for range r.IntN(12) {
		list = append(list, scalars[r.IntN(len(scalars))])
	}
	return list
}

// A byte that is damaged is said, unless it does not matter.
func TestAnEntryThatIsDamagedSaysSo(t *testing.T) {
	before := raw(t, bson.D{filler, {Key: "f", Value: bson.A{"a", "b"}}})
	after := raw(t, bson.D{filler, {Key: "f", Value: bson.A{"b"}}})
	for name, e := range map[string]Entry{"a change": NewEntry(before, after), "a whole document": NewEntry(before, nil)} {
		for at := range e.Data {
			e.Data = bytes.Clone(e.Data)
			e.Data[at] ^= 0x10
			if got, err := e.Original(after); !errors.Is(err, ErrDamaged) && !bytes.Equal(got, before) {
				t.Fatalf("%s: byte %d is damaged and the answer is %v, %v", name, at, got, err)
			}
			e.Data[at] ^= 0x10
		}
	}
}

// 430,000 ids and a document of 15.9 MB: neither's entry holds it twice. Must fail when an entry held both
// documents.
func TestEntriesOfTheLargestDocuments(t *testing.T) {
	var ids bson.A
	for i := range uint32(430_000) {
		ids = append(ids, bson.ObjectID{byte(i >> 16), byte(i >> 8), byte(i)})
	}
	album := raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "file_ids", Value: ids}})
	shorter := raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "file_ids", Value: append(ids[:7:7], ids[11:429_000]...)}})
	giant := raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "text", Value: string(make([]byte, 15_900_000))}})
	for name, c := range map[string]struct {
		before, after bson.Raw
		most          int
	}{
		"a few ids go":    {album, shorter, 100_000},
		"all ids go":      {album, raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "file_ids", Value: bson.A{}}}), len(album)},
		"a giant goes":    {giant, nil, len(giant)},
		"a giant changes": {giant, raw(t, bson.D{{Key: "_id", Value: 1}, {Key: "text"}}), len(giant)},
	} {
		e := NewEntry(c.before, c.after)
		if len(e.Data) > c.most {
			t.Errorf("%s: the entry has %d bytes, at most %d are needed", name, len(e.Data), c.most)
		}
		if got, err := e.Original(c.after); err != nil || !bytes.Equal(got, c.before) {
			t.Errorf("%s: it does not lead back: %v", name, err)
		}
	}
}

func FuzzApplyBackNeverPanics(f *testing.F) {
	before, after := raw(f, bson.D{{Key: "f", Value: bson.A{"a", "b"}}}), raw(f, bson.D{{Key: "f", Value: bson.A{"b"}}})
	data, _ := changeBack(before, after)
	f.Add(data, []byte(after))
	f.Fuzz(func(_ *testing.T, data, doc []byte) {
		if bson.Raw(doc).Validate() == nil {
			_, _ = applyBack(data, doc)
		}
	})
}
