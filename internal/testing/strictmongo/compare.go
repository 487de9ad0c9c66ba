package strictmongo

import (
	"bytes"
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// bracket is the place of a type in the order of types; two types of one bracket compare by value.
// https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
func bracket(t bson.Type) int {
	switch t {
	case bson.TypeMinKey:
		return -1
	case bson.TypeUndefined:
		return 0
	case bson.TypeNull:
		return 5
	case bson.TypeDouble, bson.TypeInt32, bson.TypeInt64, bson.TypeDecimal128:
		return 10
	case bson.TypeString, bson.TypeSymbol:
		return 15
	case bson.TypeEmbeddedDocument:
		return 20
	case bson.TypeArray:
		return 25
	case bson.TypeBinary:
		return 30
	case bson.TypeObjectID:
		return 35
	case bson.TypeBoolean:
		return 40
	case bson.TypeDateTime:
		return 45
	case bson.TypeTimestamp:
		return 47
	case bson.TypeRegex:
		return 50
	case bson.TypeDBPointer:
		return 55
	case bson.TypeJavaScript:
		return 60
	case bson.TypeCodeWithScope:
		return 65
	case bson.TypeMaxKey:
		return 127
	}
	return 0 // a field that is not there sorts as undefined does, before null
}

// collation is how strings compare: of the collations it has strength 1 and 2, which ignore case, and simple.
// https://www.mongodb.com/docs/manual/reference/collation/
type collation struct{ ignoresCase bool }

// compare orders two values as MongoDB does, across types.
func (c collation) compare(a, b bson.RawValue) int {
	x, y := bracket(a.Type), bracket(b.Type)
	if x != y {
		return cmp.Compare(x, y)
	}
	switch x {
	case 10:
		return compareNumbers(a, b)
	case 15:
		return c.compareStrings(stringOf(a), stringOf(b))
	case 20:
		return c.compareDocuments(a.Value, b.Value, true)
	case 25:
		return c.compareDocuments(a.Value, b.Value, false)
	case 30:
		return compareBinary(a, b)
	case 45:
		return cmp.Compare(a.DateTime(), b.DateTime())
	case 47:
		return compareTimestamps(a, b)
	}
	return bytes.Compare(a.Value, b.Value)
}

func (c collation) equal(a, b bson.RawValue) bool { return c.compare(a, b) == 0 }

func (c collation) compareStrings(a, b string) int {
	if c.ignoresCase {
		a, b = strings.ToLower(a), strings.ToLower(b)
	}
	return strings.Compare(a, b)
}

// compareDocuments compares field by field: the types, then the names, then the values; what ends first is less.
func (c collation) compareDocuments(a, b bson.Raw, names bool) int {
	x, _ := a.Elements()
	y, _ := b.Elements()
	for i := range min(len(x), len(y)) {
		p, q := x[i].Value(), y[i].Value()
		if n := cmp.Compare(bracket(p.Type), bracket(q.Type)); n != 0 {
			return n
		}
		if n := strings.Compare(x[i].Key(), y[i].Key()); names && n != 0 {
			return n
		}
		if n := c.compare(p, q); n != 0 {
			return n
		}
	}
	return cmp.Compare(len(x), len(y))
}

// compareNumbers compares by exact value; NaN is less than every other number.
func compareNumbers(a, b bson.RawValue) int {
	if a.IsNumber() && b.IsNumber() && a.Type != bson.TypeDouble && b.Type != bson.TypeDouble &&
		a.Type != bson.TypeDecimal128 && b.Type != bson.TypeDecimal128 {
		return cmp.Compare(a.AsInt64(), b.AsInt64())
	}
	x, xSpecial := special(a)
	y, ySpecial := special(b)
	if xSpecial || ySpecial {
		return cmp.Compare(x, y) // which has NaN below everything
	}
	return ratio(a).Cmp(ratio(b))
}

// special is a number as a float, and whether it is NaN or infinite, so that it has no ratio.
func special(v bson.RawValue) (f float64, is bool) {
	switch v.Type {
	case bson.TypeDouble:
		f = v.Double()
		return f, math.IsNaN(f) || math.IsInf(f, 0)
	case bson.TypeDecimal128:
		d := v.Decimal128()
		if d.IsNaN() {
			return math.NaN(), true
		}
		if sign := d.IsInf(); sign != 0 {
			return math.Inf(sign), true
		}
		f, _ = ratio(v).Float64()
		return f, false
	}
	return float64(v.AsInt64()), false
}

func ratio(v bson.RawValue) *big.Rat {
	r := new(big.Rat)
	switch v.Type {
	case bson.TypeDouble:
		r.SetFloat64(v.Double())
	case bson.TypeDecimal128:
		r.SetString(v.Decimal128().String())
	default:
		r.SetInt64(v.AsInt64())
	}
	return r
}

func isNaN(v bson.RawValue) bool {
	if bracket(v.Type) != 10 {
		return false
	}
	f, _ := special(v)
	return math.IsNaN(f)
}

func stringOf(v bson.RawValue) string { return string(v.Value[4 : len(v.Value)-1]) }

// compareBinary compares the length, then the subtype, then the bytes.
func compareBinary(a, b bson.RawValue) int {
	p, x := a.Binary()
	q, y := b.Binary()
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(p, q), bytes.Compare(x, y))
}

func compareTimestamps(a, b bson.RawValue) int {
	t, i := a.Timestamp()
	u, j := b.Timestamp()
	return cmp.Or(cmp.Compare(t, u), cmp.Compare(i, j))
}

// key is a text that two values share exactly where they are equal.
func (c collation) key(v bson.RawValue) string {
	var b strings.Builder
	c.appendKey(&b, v)
	return b.String()
}

func (c collation) appendKey(b *strings.Builder, v bson.RawValue) {
	b.WriteByte(byte(bracket(v.Type)))
	switch bracket(v.Type) {
	case 10:
		b.WriteString(numberKey(v))
	case 15:
		s := stringOf(v)
		if c.ignoresCase {
			s = strings.ToLower(s)
		}
		b.WriteString(s)
	case 20, 25:
		elements, _ := bson.Raw(v.Value).Elements()
		for _, e := range elements {
			b.WriteString(e.Key())
			b.WriteByte(0)
			c.appendKey(b, e.Value())
			b.WriteByte(0)
		}
	default:
		b.Write(v.Value)
	}
}

// numberKey is a number's exact value.
func numberKey(v bson.RawValue) string {
	if v.Type == bson.TypeInt32 || v.Type == bson.TypeInt64 {
		return strconv.FormatInt(v.AsInt64(), 10)
	}
	if f, is := special(v); is {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return ratio(v).RatString()
}
