package library

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Where selects documents: all its conditions hold. The empty Where selects every document.
type Where []Condition

// Condition is about one field, whose name may be a path with dots. It is exactly one of Values, Not, AtLeast and
// Missing.
type Condition struct {
	Field   string
	Values  []any    // the field holds one of these: bool, int64, float64 or string
	Not     any      // the field does not hold this; a field that is missing does not
	AtLeast *float64 // the field is a number and not less
	Missing bool     // the field is missing or null
}

// Fields are the top-level fields that w looks at.
func (w Where) Fields() (names []string) {
	for _, c := range w {
		name, _, _ := strings.Cut(c.Field, ".")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Filter is a filter for a server that every document which w selects matches, and few others: what can be said in it
// simply.
func (w Where) Filter() bson.D {
	filter := bson.D{}
	for _, c := range w {
		texts := bson.A{}
		for _, v := range c.Values {
			if text, ok := v.(string); ok {
				texts = append(texts, text)
			}
		}
		if len(texts) > 0 && len(texts) == len(c.Values) {
			filter = append(filter, bson.E{Key: c.Field, Value: bson.D{{Key: "$in", Value: texts}}})
		}
	}
	return filter
}

// Matches tells whether doc is selected.
func (w Where) Matches(doc bson.Raw) bool {
	for _, c := range w {
		if !c.Holds(doc.Lookup(strings.Split(c.Field, ".")...)) {
			return false
		}
	}
	return true
}

// Holds tells whether the value of its field, the zero value where it is missing, is as c says.
func (c Condition) Holds(v bson.RawValue) bool {
	switch {
	case c.Missing:
		return v.Type == 0 || v.Type == bson.TypeNull || v.Type == bson.TypeUndefined
	case c.AtLeast != nil:
		n, ok := number(v)
		return ok && n >= *c.AtLeast
	case c.Not != nil:
		return !equal(v, c.Not)
	}
	return slices.ContainsFunc(c.Values, func(want any) bool { return equal(v, want) })
}

// MayHold tells whether the value is as c says, or c is about a flag and the value is none.
func (c Condition) MayHold(v bson.RawValue) bool {
	isFlag := func(want any) bool { _, ok := want.(bool); return ok }
	if isFlag(c.Not) || slices.ContainsFunc(c.Values, isFlag) {
		_, known := flag(v)
		missing := Condition{Missing: true}.Holds(v)
		return c.Holds(v) || !known && !missing
	}
	return c.Holds(v)
}

// equal compares as the applications do: a flag may be stored as a number, of which 0 alone is false.
func equal(v bson.RawValue, want any) bool {
	switch want := want.(type) {
	case bool:
		set, ok := flag(v)
		return ok && set == want
	case string:
		s, ok := v.StringValueOK()
		return ok && s == want
	case int64:
		n, ok := number(v)
		return ok && n == float64(want)
	case float64:
		n, ok := number(v)
		return ok && n == want
	}
	return false
}

// flag is a value that is true or false: a number is false where it is 0.
func flag(v bson.RawValue) (set, ok bool) {
	if b, ok := v.BooleanOK(); ok {
		return b, true
	}
	n, ok := number(v)
	return n != 0, ok
}

// number is a number of any type. A decimal that no float64 holds is the nearest one; infinities and NaN are
// themselves.
func number(v bson.RawValue) (float64, bool) {
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return float64(v.AsInt64()), true
	case bson.TypeDouble:
		return v.Double(), true
	case bson.TypeDecimal128:
		n, err := strconv.ParseFloat(v.Decimal128().String(), 64)
		return n, err == nil || errors.Is(err, strconv.ErrRange)
	}
	return 0, false
}

// excludes tells whether no document can match both.
func (w Where) excludes(other Where) bool {
	for _, a := range w {
		for _, b := range other {
			if a.Field == b.Field && (a.opposes(b) || b.opposes(a)) {
				return true
			}
		}
	}
	return false
}

// opposes tells whether c names values, or that there is none, and no such value is as other says.
func (c Condition) opposes(other Condition) bool {
	if c.Missing {
		return len(other.Values) > 0 || other.AtLeast != nil
	}
	return len(c.Values) > 0 && !slices.ContainsFunc(c.Values, func(v any) bool { return mayBe(v, other) })
}

// mayBe tells whether a document that holds value, by the rules of equal, may be as c says.
func mayBe(value any, c Condition) bool {
	switch {
	case c.Missing:
		return false
	case c.Not != nil:
		return !implies(value, c.Not)
	case c.AtLeast != nil:
		n, ok := amount(value)
		_, isFlag := value.(bool)
		return isFlag || ok && n >= *c.AtLeast
	}
	return slices.ContainsFunc(c.Values, func(other any) bool { return implies(value, other) || implies(other, value) })
}

// implies tells whether whatever equals one value equals the other as well.
func implies(value, other any) bool {
	if want, ok := other.(bool); ok {
		n, isNumber := amount(value)
		return value == other || isNumber && (n != 0) == want
	}
	a, ok := amount(value)
	b, both := amount(other)
	return value == other || ok && both && a == b
}

// amount is a declared number.
func amount(value any) (float64, bool) {
	switch n := value.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
