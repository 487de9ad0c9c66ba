package bsonvalue

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Value is any BSON value in a form that Go can compare and use as a map's key: two are equal where MongoDB finds them
// equal, but for a default collation of a collection. 3, 3.0 and NumberLong(3) are one Value, and so are {a: 3} and
// {a: 3.0}; a sub-document whose fields have another order is another Value. An array, which is no _id, is compared
// byte by byte. The zero Value stands for "no such field".
//
// An ObjectID and a number take no memory beyond the Value's own 32 bytes.
type Value struct {
	kind bson.Type // numbers are all TypeInt64, fractions and giants TypeDouble with their exact ratio in rest
	// A number, or an ObjectID's first eight bytes and its last four. As an array Go would keep them in memory.
	eight uint64
	four  uint32
	rest  string // the bytes of everything else
}

// ID is the Value of a document's _id, or of a reference to one.
type ID = Value

// Of is v as a Value; a v that Raw.Lookup did not find becomes the zero Value.
func Of(v bson.RawValue) Value {
	switch v.Type {
	case bson.TypeObjectID:
		return ObjectID(bson.ObjectID(v.Value))
	case bson.TypeInt32, bson.TypeInt64:
		return Int(v.AsInt64())
	case bson.TypeDouble:
		return fromFloat(v.Double())
	case bson.TypeDecimal128:
		return fromDecimal(v)
	case bson.TypeString, bson.TypeSymbol:
		return Value{kind: bson.TypeString, rest: string(v.Value[4 : len(v.Value)-1])}
	case bson.TypeEmbeddedDocument:
		return Value{kind: v.Type, rest: string(canonical(v.Value))}
	}
	return Value{kind: v.Type, rest: string(v.Value)}
}

// ObjectID is an ObjectID as a Value.
func ObjectID(id bson.ObjectID) Value {
	return Value{kind: bson.TypeObjectID, eight: binary.LittleEndian.Uint64(id[:]),
		four: binary.LittleEndian.Uint32(id[8:])}
}

// objectID is v, an ObjectID, as one.
func (v Value) objectID() (id bson.ObjectID) {
	binary.LittleEndian.PutUint64(id[:], v.eight)
	binary.LittleEndian.PutUint32(id[8:], v.four)
	return id
}

// Text is text as a Value.
func Text(s string) Value { return Value{kind: bson.TypeString, rest: s} }

// Int is a whole number as a Value.
func Int(n int64) Value { return Value{kind: bson.TypeInt64, eight: uint64(n)} }

// 2^63 is the least float above every int64.
const twoTo63 = 1 << 63

func fromFloat(f float64) Value {
	switch {
	case f == math.Trunc(f) && f >= -twoTo63 && f < twoTo63:
		return Int(int64(f))
	case math.IsNaN(f) || math.IsInf(f, 0):
		return Value{kind: bson.TypeDouble, rest: strconv.FormatFloat(f, 'g', -1, 64)}
	}
	return fromRatio(new(big.Rat).SetFloat64(f))
}

// fromDecimal compares a decimal with the other numbers by its exact ratio.
func fromDecimal(v bson.RawValue) Value {
	d := v.Decimal128()
	if d.IsNaN() {
		return fromFloat(math.NaN())
	}
	if sign := d.IsInf(); sign != 0 {
		return fromFloat(math.Inf(sign))
	}
	ratio, ok := new(big.Rat).SetString(d.String())
	if !ok {
		return Value{kind: v.Type, rest: string(v.Value)}
	}
	return fromRatio(ratio)
}

func fromRatio(r *big.Rat) Value {
	if r.IsInt() && r.Num().IsInt64() {
		return Int(r.Num().Int64())
	}
	return Value{kind: bson.TypeDouble, rest: r.RatString()}
}

// Exists tells whether there is a value at all; null is one.
func (v Value) Exists() bool { return v.kind != 0 }

// Refers tells whether v can refer to a document: it exists and is not null.
func (v Value) Refers() bool {
	return v.kind != 0 && v.kind != bson.TypeNull && v.kind != bson.TypeUndefined
}

// Identifies tells whether a document can have v as its _id. MongoDB refuses arrays, patterns and documents with a
// field that begins with a dollar; such a value in a filter on _id would mean something else.
func (v Value) Identifies() bool {
	switch v.kind {
	case 0, bson.TypeUndefined, bson.TypeArray, bson.TypeRegex:
		return false
	case bson.TypeEmbeddedDocument:
		elements, err := bson.Raw(v.rest).Elements()
		return err == nil && !slices.ContainsFunc(elements, func(e bson.RawElement) bool {
			return strings.HasPrefix(e.Key(),
				"$")
		})
	}
	return true
}

// Collates tells whether the default collation of a collection has a say in what equals v there: a text, or a
// sub-document, which may hold one.
func (v Value) Collates() bool {
	return v.kind == bson.TypeString || v.kind == bson.TypeEmbeddedDocument
}

// Int64 is v as a whole number, and whether it is one.
func (v Value) Int64() (int64, bool) {
	if v.kind != bson.TypeInt64 {
		return 0, false
	}
	return int64(v.eight), true
}

// Raw is a BSON value that MongoDB finds equal to v: what a filter needs. A number is an int64 where it is whole.
func (v Value) Raw() bson.RawValue {
	switch v.kind {
	case bson.TypeObjectID:
		id := v.objectID()
		return bson.RawValue{Type: v.kind, Value: id[:]}
	case bson.TypeInt64:
		return bson.RawValue{Type: v.kind, Value: binary.LittleEndian.AppendUint64(nil, v.eight)}
	case bson.TypeString:
		b := binary.LittleEndian.AppendUint32(nil, uint32(len(v.rest)+1))
		return bson.RawValue{Type: v.kind, Value: append(append(b, v.rest...), 0)}
	case bson.TypeDouble:
		return v.fraction()
	}
	return bson.RawValue{Type: v.kind, Value: []byte(v.rest)}
}

// fraction is a double where one is equal to v, else a decimal.
func (v Value) fraction() bson.RawValue {
	ratio, finite := new(big.Rat).SetString(v.rest)
	if !finite {
		f, _ := strconv.ParseFloat(v.rest, 64) // NaN, +Inf, -Inf
		return double(f)
	}
	if f, exact := ratio.Float64(); exact {
		return double(f)
	}
	if d, err := decimalOf(ratio); err == nil {
		kind, value, _ := bson.MarshalValue(d)
		return bson.RawValue{Type: kind, Value: value}
	}
	f, _ := ratio.Float64()
	return double(f)
}

// maxDecimalPlaces is how many digits a decimal can have behind the point.
const maxDecimalPlaces = 6176

// decimalOf is the decimal that is exactly r, if there is one.
func decimalOf(r *big.Rat) (bson.Decimal128, error) {
	whole, fraction, _ := strings.Cut(r.FloatString(maxDecimalPlaces), ".")
	fraction = strings.TrimRight(fraction, "0")
	digits := whole + fraction
	significant := strings.TrimRight(digits, "0")
	return bson.ParseDecimal128(fmt.Sprintf("%sE%d", significant, len(digits)-len(significant)-len(fraction)))
}

func double(f float64) bson.RawValue {
	return bson.RawValue{Type: bson.TypeDouble, Value: binary.LittleEndian.AppendUint64(nil, math.Float64bits(f))}
}

// String is v for a person: an ObjectID in hex, a string quoted, a number in digits.
func (v Value) String() string {
	switch v.kind {
	case 0:
		return "(missing)"
	case bson.TypeObjectID:
		return v.objectID().Hex()
	case bson.TypeInt64:
		n, _ := v.Int64()
		return strconv.FormatInt(n, 10)
	case bson.TypeString:
		return strconv.Quote(v.rest)
	case bson.TypeDouble:
		return digits(v.Raw())
	case bson.TypeNull:
		return "null"
	}
	return fmt.Sprint(v.Raw())
}

// digits is a double or a decimal as a person writes it.
func digits(v bson.RawValue) string {
	if f, ok := v.DoubleOK(); ok {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return v.Decimal128().String()
}

// AppendKey appends v in a form that is the same for all values that an index holds for equal.
func (v Value) AppendKey(b []byte) []byte {
	if !v.Refers() {
		return append(b, byte(bson.TypeNull))
	}
	id := v.objectID()
	b = append(append(b, byte(v.kind)), id[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(v.rest)))
	return append(b, v.rest...)
}

// Bytes is about how many bytes v takes in a document.
func (v Value) Bytes() int { return len(bson.ObjectID{}) + len(v.rest) }

// Type is the BSON type; every number is an int64, or a double where none holds it.
func (v Value) Type() bson.Type { return v.kind }

// Null is the value null.
func Null() Value { return Value{kind: bson.TypeNull} }
