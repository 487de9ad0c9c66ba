package bsonvalue

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// raw is any Go value as BSON.
func raw(t testing.TB, v any) bson.RawValue {
	t.Helper()
	kind, data, err := bson.MarshalValue(v)
	if err != nil {
		t.Fatal(err)
	}
	return bson.RawValue{Type: kind, Value: data}
}

func decimal(t testing.TB, s string) bson.Decimal128 {
	t.Helper()
	d, err := bson.ParseDecimal128(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Values of one row are equal, those of two rows are not.
func TestValuesAreEqualWhereMongoDBFindsThemEqual(t *testing.T) {
	id := bson.NewObjectID()
	rows := [][]any{
		{int32(3), int64(3), 3.0, decimal(t, "3"), decimal(t, "3.000"), decimal(t, "0.3E1")},
		{int32(0), int64(0), 0.0, math.Copysign(0, -1), decimal(t, "-0"), decimal(t, "0E+3")},
		{int32(-1), -1.0},
		{3.5, decimal(t, "3.5"), decimal(t, "3.50")},
		{0.1}, {decimal(t, "0.1")}, // no float is exactly a tenth
		{math.NaN(), math.Float64frombits(0x7ff8000000000123), decimal(t, "NaN")},
		{math.Inf(1), decimal(t, "Infinity")},
		{math.Inf(-1), decimal(t, "-Infinity")},
		{int64(math.MaxInt64)}, {float64(math.MaxInt64), decimal(t, "9223372036854775808")},
		{int64(math.MinInt64), float64(math.MinInt64)},
		{int64(1 << 53), float64(1 << 53)}, {int64(1<<53 + 1)}, // the next float is one further
		{1e300}, {5e-324},
		{"3"}, {"", bson.Symbol("")}, {"a", bson.Symbol("a")}, {"é"}, {"e\u0301"}, {"a\x00b"},
		{id}, {id.Hex()}, {bson.ObjectID{}},
		{bson.Null{}}, {bson.Undefined{}},
		{true}, {false},
		{time.UnixMilli(3)}, {bson.Timestamp{T: 3}},
		{bson.D{{Key: "a", Value: int32(1)}}, bson.D{{Key: "a", Value: int64(1)}}, bson.D{{Key: "a", Value: 1.0}},
			bson.D{{Key: "a", Value: decimal(t, "1.0")}}},
		{bson.D{{Key: "a", Value: 2}}}, {bson.D{{Key: "a", Value: "1"}}}, {bson.D{}},
		{bson.D{{Key: "a", Value: 1}, {Key: "b", Value: 2}}}, {bson.D{{Key: "b", Value: 2}, {Key: "a", Value: 1}}},
		{bson.D{{Key: "a", Value: bson.A{bson.D{{Key: "b.c", Value: 0.0}}, 0.5}}},
			bson.D{{Key: "a", Value: bson.A{bson.D{{Key: "b.c", Value: math.Copysign(0, -1)}}, decimal(t, "0.50")}}}},
		{bson.D{{Key: "a", Value: math.NaN()}}, bson.D{{Key: "a", Value: math.Float64frombits(0x7ff8000000000123)}}},
		{bson.D{{Key: "a", Value: math.Inf(1)}}},
		{bson.A{int32(1)}}, {bson.A{}},
		{bson.Binary{Data: []byte("3")}}, {bson.Regex{Pattern: "3"}},
	}
	for i, row := range rows {
		for _, a := range row {
			for j, other := range rows {
				for _, b := range other {
					if got := Of(raw(t, a)) == Of(raw(t, b)); got != (i == j) {
						t.Errorf("%T %v equals %T %v: %v", a, a, b, b, got)
					}
				}
			}
		}
	}
	if Of(bson.RawValue{}) == Of(raw(t, bson.Null{})) {
		t.Error("a missing field equals null")
	}
}

func TestRawIsEqualToItsValue(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	values := []any{
		math.NaN(), math.Inf(1), math.Inf(-1), 0.1, -1e-300, decimal(t, "0.1"), decimal(t, "1E+40"),
		decimal(t, "-1.000000000000000000000000000000001E-6100"), decimal(t, "12.5E+6000"), decimal(t, "-7.25"), "", "x\x00y",
		bson.Null{}, true,
		bson.A{"a"}, bson.D{{Key: "a", Value: nil}}, bson.NewObjectID(), time.UnixMilli(1),
		bson.Binary{Subtype: 4, Data: make([]byte, 16)}, int64(math.MinInt64),
	}
	for range 1000 {
		values = append(values, r.NormFloat64(), math.Float64frombits(r.Uint64()), int64(r.Uint64()), int32(r.Uint32()))
	}
	for _, v := range values {
		value := Of(raw(t, v))
		if back := Of(value.Raw()); back != value {
			t.Errorf("%T %v became %s", v, v, back)
		}
	}
}

func TestKindsOfValues(t *testing.T) {
	for name, c := range map[string]struct {
		v              Value
		exists, refers bool
		text           string
	}{
		"missing":    {Value{}, false, false, "(missing)"},
		"null":       {Of(raw(t, bson.Null{})), true, false, "null"},
		"undefined":  {Of(raw(t, bson.Undefined{})), true, false, Of(raw(t, bson.Undefined{})).String()},
		"a number":   {Of(raw(t, int32(7))), true, true, "7"},
		"a fraction": {Of(raw(t, 0.5)), true, true, "0.5"},
		"no number":  {Of(raw(t, math.NaN())), true, true, "NaN"},
		"a text":     {Of(raw(t, "a\n")), true, true, `"a\n"`},
		"an id":      {ObjectID(bson.ObjectID{0xab}), true, true, "ab0000000000000000000000"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.v.Exists() != c.exists || c.v.Refers() != c.refers {
				t.Errorf("exists %v, refers %v", c.v.Exists(), c.v.Refers())
			}
			if got := c.v.String(); got != c.text {
				t.Errorf("reads %s, want %s", got, c.text)
			}
		})
	}
}

func TestIDSetHoldsIDsOfEveryType(t *testing.T) {
	var set IDSet
	ids := []Value{ObjectID(bson.NewObjectID()), Of(raw(t, "a")), Int(3), Of(raw(t, 3.5)),
		Of(raw(t, bson.D{{Key: "a", Value: 1}}))}
	for _, id := range ids {
		if set.Has(id) || !set.Add(id) || set.Add(id) || !set.Has(id) {
			t.Errorf("%s is not in the set once", id)
		}
	}
	if !set.Has(Of(raw(t, 3.0))) {
		t.Error("3.0 is not 3")
	}
	n := 0
	for id := range set.All() {
		n++
		set.Remove(id)
	}
	if n != len(ids) || set.Len() != 0 {
		t.Errorf("%d ids were given, %d are left", n, set.Len())
	}
}

func TestReferencesAreDistinctAndNeverNull(t *testing.T) {
	var many bson.A
	for i := range 100 {
		many = append(many, int32(i%40), float64(i%40))
	}
	for name, c := range map[string]struct {
		field any
		want  int
	}{
		"an array":               {bson.A{"a", "b"}, 2},
		"the same id twice":      {bson.A{"a", "a", int32(1), 1.0}, 2},
		"more than a short list": {many, 40},
		"null refers to nothing": {bson.A{nil, "a", bson.Undefined{}}, 1},
		"null":                   {nil, 0},
		"no array":               {"a", 0},
		"a document":             {bson.D{{Key: "0", Value: "a"}}, 0},
		"an empty array":         {bson.A{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := bson.Marshal(bson.D{{Key: "f", Value: c.field}})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for range References(doc, "f") {
				n++
			}
			if n != c.want {
				t.Errorf("%d, want %d", n, c.want)
			}
			for range References(doc, "another") {
				t.Error("a missing field refers to something")
			}
		})
	}
}
