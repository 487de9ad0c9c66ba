package strictmongo

import (
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// missing is a field that is not there.
var missing bson.RawValue

// visit gives each value at a dotted path to each, until it answers true. An array at the end gives its elements and then
// itself; an array on the way gives what its documents, and the element of that number, hold.
// https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/
func visit(doc bson.Raw, path string, each func(v bson.RawValue, element bool) bool) bool {
	head, rest, more := strings.Cut(path, ".")
	v := doc.Lookup(head)
	if !more {
		return visitLeaf(v, each)
	}
	return visitBelow(v, rest, each)
}

func visitLeaf(v bson.RawValue, each func(v bson.RawValue, element bool) bool) bool {
	for _, item := range items(v) {
		if each(item, true) {
			return true
		}
	}
	return each(v, false)
}

func visitBelow(v bson.RawValue, rest string, each func(v bson.RawValue, element bool) bool) bool {
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		return visit(v.Value, rest, each)
	case bson.TypeArray:
		return visitItems(v, rest, each)
	}
	return each(missing, false)
}

func visitItems(v bson.RawValue, rest string, each func(v bson.RawValue, element bool) bool) bool {
	all := items(v)
	for _, item := range all {
		if item.Type == bson.TypeEmbeddedDocument && visit(item.Value, rest, each) {
			return true
		}
	}
	head, further, more := strings.Cut(rest, ".")
	n, err := strconv.Atoi(head)
	if err != nil || n < 0 || n >= len(all) {
		return false
	}
	if !more {
		return visitLeaf(all[n], each)
	}
	return visitBelow(all[n], further, each)
}

// items are the elements of an array; none of anything else.
func items(v bson.RawValue) []bson.RawValue {
	if v.Type != bson.TypeArray {
		return nil
	}
	values, _ := bson.RawArray(v.Value).Values()
	return values
}
