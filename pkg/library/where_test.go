package library

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func decimal(text string) bson.Decimal128 {
	d, err := bson.ParseDecimal128(text)
	if err != nil {
		panic(err)
	}
	return d
}

// Records of files with a flag that is a decimal were seen to be deleted.
func TestConditionsHold(t *testing.T) {
	read := func(condition string) Where {
		l, err := Read("t.yaml", []byte("library: t\ncollections: {c: c}\nfiles: {collection: c, path: path, without: {"+
			condition+"}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		return l.Files.Without
	}
	for _, c := range []struct {
		condition string
		doc       bson.D
		want      bool
	}{
		{"a: true", bson.D{{Key: "a", Value: true}}, true},
		{"a: true", bson.D{{Key: "a", Value: int32(1)}}, true},
		{"a: true", bson.D{{Key: "a", Value: 0.0}}, false},
		{"a: true", bson.D{{Key: "a", Value: "true"}}, false},
		{"a: true", bson.D{{Key: "a", Value: decimal("1")}}, true},
		{"a: true", bson.D{{Key: "a", Value: decimal("0")}}, false},
		{"a: {not: true}", bson.D{{Key: "a", Value: decimal("1.0")}}, false},
		{"a: 1", bson.D{{Key: "a", Value: decimal("1.0")}}, true},
		{"a: {atLeast: 40}", bson.D{{Key: "a", Value: decimal("1E6144")}}, true},
		{"a: {atLeast: 40}", bson.D{{Key: "a", Value: decimal("NaN")}}, false},
		{"a: true", bson.D{}, false},
		{"a: {not: true}", bson.D{}, true},
		{"a: {not: true}", bson.D{{Key: "a", Value: nil}}, true},
		{"a: {not: true}", bson.D{{Key: "a", Value: int64(1)}}, false},
		{"a: [x, y]", bson.D{{Key: "a", Value: "y"}}, true},
		{"a: [x, y]", bson.D{{Key: "a", Value: "z"}}, false},
		{"a: {atLeast: 40}", bson.D{{Key: "a", Value: 40.0}}, true},
		{"a: {atLeast: 40}", bson.D{{Key: "a", Value: int32(39)}}, false},
		{"a: {atLeast: 40}", bson.D{{Key: "a", Value: "50"}}, false},
		{"a.b: missing", bson.D{{Key: "a", Value: bson.D{{Key: "b", Value: 1}}}}, false},
		{"a.b: missing", bson.D{{Key: "a", Value: bson.D{{Key: "b", Value: nil}}}}, true},
		{"a.b: missing", bson.D{{Key: "a", Value: nil}}, true},
		{"a.b: missing", bson.D{{Key: "a", Value: "text"}}, true},
		{"a: 1, b: x", bson.D{{Key: "a", Value: int64(1)}, {Key: "b", Value: "x"}}, true},
		{"a: 1, b: x", bson.D{{Key: "a", Value: int64(1)}}, false},
	} {
		raw, err := bson.Marshal(c.doc)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(c.condition).Matches(raw); got != c.want {
			t.Errorf("%s on %v: %v", c.condition, c.doc, got)
		}
	}
}

func TestAFlagThatIsNoneMayHaveAnyValue(t *testing.T) {
	flag, text := Condition{Field: "a", Values: []any{true}}, Condition{Field: "a", Values: []any{"x"}}
	for value, want := range map[any]bool{
		true: true, false: false, int32(1): true, int32(0): false, decimal("2"): true, nil: false, "true": true, "": true,
	} {
		raw, err := bson.Marshal(bson.D{{Key: "a", Value: value}})
		if err != nil {
			t.Fatal(err)
		}
		v := bson.Raw(raw).Lookup("a")
		if got := flag.MayHold(v); got != want {
			t.Errorf("%v: %v", value, got)
		}
		if text.MayHold(v) {
			t.Errorf("%v is taken for x", value)
		}
	}
}
