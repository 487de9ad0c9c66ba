package strictmongo

import (
	"iter"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// missing is a field that is not there.
var missing bson.RawValue

// visit gives each value at a dotted path to each, until it answers true. An array at the end gives its elements and
// then itself; an array on the way gives what its documents, and the element of that number, hold.
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
	head, further, more := strings.Cut(rest, ".")
	n, err := strconv.Atoi(head)
	var numbered bson.RawValue
	for i, item := range inOrder(v) {
		if item.Type == bson.TypeEmbeddedDocument && visit(item.Value, rest, each) {
			return true
		}
		if i == n && err == nil {
			numbered = item
		}
	}
	switch {
	case numbered.Type == 0:
		return false
	case more:
		return visitBelow(numbered, further, each)
	}
	return visitLeaf(numbered, each)
}

// inOrder are the elements of an array with their places, one after the other: a list of hundreds of thousands is
// searched for many paths, and keeps the server from answering while it is.
func inOrder(v bson.RawValue) iter.Seq2[int, bson.RawValue] {
	return func(yield func(int, bson.RawValue) bool) {
		_, rest, ok := bsoncore.ReadLength(v.Value)
		for i := 0; ok && len(rest) > 1; i++ {
			var e bsoncore.Element
			if e, rest, ok = bsoncore.ReadElement(rest); ok {
				item := e.Value()
				if !yield(i, bson.RawValue{Type: bson.Type(item.Type), Value: item.Data}) {
					return
				}
			}
		}
	}
}

// items are the elements of an array; none of anything else.
func items(v bson.RawValue) []bson.RawValue {
	if v.Type != bson.TypeArray {
		return nil
	}
	values, _ := bson.RawArray(v.Value).Values()
	return values
}
