package strictmongo

import (
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// test is an operator on one value; element says that the value is one of an array's.
type test func(v bson.RawValue, element bool) bool

// test reads an operator. An operator that the product never sends is unknown here.
func (p parser) test(name string, want bson.RawValue, whole func() bson.Raw) (test, error) {
	switch name {
	case "$eq", "$gt", "$gte", "$lt", "$lte":
		return p.comparison(name, want), nil
	case "$in":
		return p.in(want)
	case "$type":
		return ofType(want)
	case "$regex":
		return pattern(want, whole)
	case "$size":
		return func(v bson.RawValue, element bool) bool {
			return !element && v.Type == bson.TypeArray && int64(len(items(v))) == want.AsInt64()
		}, nil
	}
	return nil, badValue.is("unknown operator: %s", name)
}

// comparison compares within one bracket only, but for null with a missing field, and for MinKey and MaxKey. NaN
// equals NaN and is neither more nor less than anything. See ComparisonMatchExpression in
// src/mongo/db/matcher/expression_leaf.cpp.
func (p parser) comparison(name string, want bson.RawValue) test {
	return func(v bson.RawValue, _ bool) bool {
		if v.Type == 0 {
			return (want.Type == bson.TypeNull || want.Type == bson.TypeUndefined) && holds(name, 0)
		}
		x, y := bracket(v.Type), bracket(want.Type)
		switch {
		case x != y && x+y == 5: // null and undefined
			return holds(name, 0)
		case x != y && want.Type == bson.TypeMinKey:
			return name == "$gt" || name == "$gte"
		case x != y && want.Type == bson.TypeMaxKey:
			return name == "$lt" || name == "$lte"
		case x != y:
			return false
		case isNaN(v) || isNaN(want):
			return isNaN(v) && isNaN(want) && holds(name, 0)
		}
		return holds(name, p.collation.compare(v, want))
	}
}

func holds(name string, n int) bool {
	switch name {
	case "$gt":
		return n > 0
	case "$gte":
		return n >= 0
	case "$lt":
		return n < 0
	case "$lte":
		return n <= 0
	}
	return n == 0
}

// in reads $in. A document of operators in it is refused: "cannot nest $ under $in", parseInExpression in
// src/mongo/db/matcher/expression_parser.cpp. Null finds missing fields too, a regular expression what it matches.
func (p parser) in(list bson.RawValue) (test, error) {
	if list.Type != bson.TypeArray {
		return nil, badValue.is("$in needs an array")
	}
	keys, null := map[string]bool{}, false
	var patterns []test
	for _, v := range items(list) {
		if isExpression(v) {
			return nil, badValue.is("cannot nest $ under $in")
		}
		if v.Type == bson.TypeRegex {
			one, err := pattern(v, nil)
			if err != nil {
				return nil, err
			}
			patterns = append(patterns, one)
		}
		null = null || v.Type == bson.TypeNull
		keys[p.collation.key(v)] = true
	}
	return func(v bson.RawValue, element bool) bool {
		if v.Type == 0 || v.Type == bson.TypeUndefined {
			return null
		}
		for _, one := range patterns {
			if one(v, element) {
				return true
			}
		}
		return keys[p.collation.key(v)]
	}, nil
}

// pattern reads $regex with its $options, or a value that is a regular expression. What is no pattern for Go counts as
// none for the server: 51091, src/mongo/db/matcher/expression_leaf.cpp.
func pattern(want bson.RawValue, whole func() bson.Raw) (test, error) {
	text, options, ok := want.RegexOK()
	if !ok {
		text, _ = want.StringValueOK()
		if whole != nil {
			options, _ = whole().Lookup("$options").StringValueOK()
		}
	}
	if options = strings.Map(keepFlags, options); options != "" {
		text = "(?" + options + ")" + text
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, code{51091, "Location51091"}.is("Regular expression is invalid: %v", err)
	}
	return func(v bson.RawValue, _ bool) bool {
		if v.Type == bson.TypeRegex && want.Type == bson.TypeRegex {
			return string(v.Value) == string(want.Value)
		}
		return bracket(v.Type) == 15 && v.Type != 0 && compiled.MatchString(stringOf(v))
	}, nil
}

// keepFlags drops what Go has no flag for: x, and u.
func keepFlags(r rune) rune {
	if strings.ContainsRune("ims", r) {
		return r
	}
	return -1
}

// typeNames are the names of types in $type. https://www.mongodb.com/docs/manual/reference/operator/query/type/
var typeNames = map[string]bson.Type{
	"double": 1, "string": 2, "object": 3, "array": 4, "binData": 5, "undefined": 6, "objectId": 7, "bool": 8, "date": 9,
	"null":  10,
	"regex": 11, "dbPointer": 12, "javascript": 13, "symbol": 14, "javascriptWithScope": 15, "int": 16, "timestamp": 17,
	"long":    18,
	"decimal": 19, "minKey": bson.TypeMinKey, "maxKey": bson.TypeMaxKey,
}

// ofType reads $type: numbers, names, and lists of both.
func ofType(want bson.RawValue) (test, error) {
	list := []bson.RawValue{want}
	if want.Type == bson.TypeArray {
		list = items(want)
	}
	types := map[bson.Type]bool{}
	for _, v := range list {
		if name, _ := v.StringValueOK(); name == "number" {
			types[1], types[16], types[18], types[19] = true, true, true, true
			continue
		}
		t, err := typeOf(v)
		if err != nil {
			return nil, err
		}
		types[t] = true
	}
	return func(v bson.RawValue, _ bool) bool { return v.Type != 0 && types[v.Type] }, nil
}

// typeOf is one type of $type; a number that is none is refused, MatcherTypeSet::parse in
// src/mongo/db/matcher/matcher_type_set.cpp.
func typeOf(v bson.RawValue) (bson.Type, error) {
	if name, ok := v.StringValueOK(); ok {
		if t, known := typeNames[name]; known {
			return t, nil
		}
		return 0, badValue.is("Unknown type name alias: %s", name)
	}
	n, ok := v.AsInt64OK()
	switch {
	case ok && n == -1:
		return bson.TypeMinKey, nil
	case ok && (n >= 1 && n <= 19 || n == 127):
		return bson.Type(n), nil
	}
	return 0, badValue.is("Invalid numerical type code: %v", v)
}
