package strictmongo

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// projection is a tree of the names that a projection includes; nil: whole documents.
type projection map[string]projection

// parseProjection reads a projection that includes, the only kind that the product sends. A name that begins with a dollar, that is
// empty in part, or that lies within another one is refused.
// https://www.mongodb.com/docs/manual/release-notes/4.4-compatibility/#projection-compatibility-changes
func parseProjection(raw bson.Raw) (projection, error) {
	elements, _ := raw.Elements()
	if len(elements) == 0 {
		return nil, nil
	}
	root := projection{}
	for _, e := range elements {
		if n, ok := e.Value().AsInt64OK(); (!ok || n == 0) && e.Key() != "_id" {
			return nil, badValue.is("strictmongo: only projections that include are known here")
		}
		if err := root.add(strings.Split(e.Key(), ".")); err != nil {
			return nil, err
		}
	}
	if _, named := root["_id"]; !named {
		root["_id"] = nil
	}
	return root, nil
}

func (p projection) add(parts []string) error {
	head := parts[0]
	if head == "" {
		return code{40353, "Location40353"}.is("FieldPath must not end with a '.', nor be empty")
	}
	if strings.HasPrefix(head, "$") {
		return projectionDollar.is("FieldPath field names may not start with '$'. Consider using $getField or $setField.")
	}
	below, there := p[head]
	if there && (below == nil || len(parts) == 1) {
		return projectionCollision.is("Path collision at %s", strings.Join(parts, "."))
	}
	if len(parts) == 1 {
		p[head] = nil
		return nil
	}
	if below == nil {
		below = projection{}
		p[head] = below
	}
	return below.add(parts[1:])
}

// of appends what the projection leaves of a document.
func (p projection) of(dst []byte, doc bson.Raw) []byte {
	if p == nil {
		return append(dst, doc...)
	}
	at, dst := bsoncore.AppendDocumentStart(dst)
	rest := doc[4 : len(doc)-1]
	for len(rest) > 0 {
		e, remaining, ok := bsoncore.ReadElement(rest)
		if !ok {
			break
		}
		rest = remaining
		below, named := p[string(e.KeyBytes())]
		switch {
		case named && below == nil:
			dst = append(dst, e...)
		case named:
			dst = below.nested(dst, e)
		}
	}
	dst, _ = bsoncore.AppendDocumentEnd(dst, at)
	return dst
}

// nested appends what the projection leaves of a field that is named in part: of arrays, what it leaves of their documents.
func (p projection) nested(dst []byte, e bsoncore.Element) []byte {
	v := e.Value()
	switch v.Type {
	case bsoncore.TypeEmbeddedDocument:
		dst = bsoncore.AppendHeader(dst, v.Type, e.Key())
		return p.of(dst, v.Data)
	case bsoncore.TypeArray:
		var kept []bsoncore.Value
		for _, item := range items(bson.RawValue{Type: bson.TypeArray, Value: v.Data}) {
			if item.Type == bson.TypeEmbeddedDocument {
				kept = append(kept, bsoncore.Value{Type: bsoncore.TypeEmbeddedDocument, Data: p.of(nil, item.Value)})
			}
		}
		return bsoncore.AppendArrayElement(dst, e.Key(), bsoncore.BuildArray(nil, kept...))
	}
	return dst
}

// order is a sort by some fields.
type order []struct {
	path string
	down bool
}

func parseSort(raw bson.Raw) (o order) {
	elements, _ := raw.Elements()
	for _, e := range elements {
		o = append(o, struct {
			path string
			down bool
		}{e.Key(), e.Value().AsInt64() < 0})
	}
	return o
}

// sort orders documents; an array sorts by its least element, or its greatest where the order is downwards.
// https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/#arrays
func (o order) sort(c collation, docs []bson.Raw) {
	slices.SortStableFunc(docs, func(a, b bson.Raw) int {
		for _, by := range o {
			n := c.compare(extreme(c, a, by.path, by.down), extreme(c, b, by.path, by.down))
			if by.down {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
}

// extreme is the value by which a document sorts; a missing field sorts as null.
func extreme(c collation, doc bson.Raw, path string, greatest bool) bson.RawValue {
	null := bson.RawValue{Type: bson.TypeNull}
	best, found := null, false
	visit(doc, path, func(v bson.RawValue, _ bool) bool {
		if v.Type == bson.TypeArray && len(items(v)) > 0 || v.Type == 0 {
			return false
		}
		if n := c.compare(v, best); !found || n < 0 && !greatest || n > 0 && greatest {
			best, found = v, true
		}
		return false
	})
	return best
}
