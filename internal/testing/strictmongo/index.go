package strictmongo

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// index is one index. Only unique ones hold entries; reading never needs them, being as right without.
type index struct {
	name    string
	keys    bson.D
	unique  bool
	sparse  bool
	spec    bson.D            // the other options, as they were given
	entries map[string]string // the keys of the _ids, by the key that each document has
}

// parseIndex reads one specification of createIndexes.
func parseIndex(raw bson.Raw) (*index, error) {
	x := &index{entries: map[string]string{}}
	elements, _ := raw.Elements()
	for _, e := range elements {
		switch v := e.Value(); e.Key() {
		case "name":
			x.name, _ = v.StringValueOK()
		case "key":
			if err := v.Unmarshal(&x.keys); err != nil {
				return nil, badValue.is("the key of an index is no document")
			}
		case "v":
		case "unique":
			x.unique = truthy(v)
		case "sparse":
			x.sparse = truthy(v)
			x.spec = append(x.spec, bson.E{Key: e.Key(), Value: v})
		default:
			x.spec = append(x.spec, bson.E{Key: e.Key(), Value: v})
		}
	}
	if x.name == "" || len(x.keys) == 0 {
		return nil, failedToParse.is("an index needs a key and a name")
	}
	return x, nil
}

// list is the index as listIndexes shows it.
func (x *index) list() bson.D {
	d := bson.D{{Key: "v", Value: int32(2)}, {Key: "key", Value: x.keys}, {Key: "name", Value: x.name}}
	if x.unique {
		d = append(d, bson.E{Key: "unique", Value: true})
	}
	return append(d, x.spec...)
}

// same compares what two indexes are, without their names.
func (x *index) same(y *index) bool {
	return sameText(x.keys, y.keys) && sameText(x.options(), y.options())
}

func (x *index) options() bson.D { return append(bson.D{{Key: "unique", Value: x.unique}}, x.spec...) }

func sameText(a, b bson.D) bool {
	x, _ := bson.Marshal(a)
	y, _ := bson.Marshal(b)
	return string(x) == string(y)
}

// addIndex creates an index, unless there is the same. One of the same name with another key is 86, the same key with
// another name or other options is 85.
// https://www.mongodb.com/docs/manual/reference/command/createIndexes/#considerations
func (c *collection) addIndex(namespace string, x *index) (created bool, err error) {
	for _, y := range c.indexes {
		switch {
		case x.name == y.name && x.same(y):
			return false, nil
		case x.name == y.name:
			return false, indexKeySpecsConflict.is("An existing index has the same name as the requested index: %s", x.name)
		case sameText(x.keys, y.keys):
			return false, indexOptionsConflict.is("Index already exists with a different name: %s", y.name)
		}
	}
	for key, s := range c.docs {
		if err := x.refuses(c.collation, namespace, key, s.raw); err != nil {
			return false, err
		}
		x.add(c.collation, key, s.raw)
	}
	c.indexes = append(c.indexes, x)
	return true, nil
}

// refuses is why a document cannot be entered: E11000, https://www.mongodb.com/docs/manual/core/index-unique/. A
// missing field counts as null, so that a unique index bears one document without it; each element of an array is a
// key of its own.
func (x *index) refuses(c collation, namespace, id string, doc bson.Raw) error {
	if !x.unique {
		return nil
	}
	for _, key := range x.keysOf(c, doc) {
		if other, taken := x.entries[key]; taken && other != id {
			return duplicateKey.is("E11000 duplicate key error collection: %s index: %s dup key: of %v", namespace, x.name,
				doc.Lookup("_id"))
		}
	}
	return nil
}

// add enters a document that is not refused.
func (x *index) add(c collation, id string, doc bson.Raw) {
	if !x.unique {
		return
	}
	for _, key := range x.keysOf(c, doc) {
		x.entries[key] = id
	}
}

// drop forgets a document.
func (x *index) drop(c collation, doc bson.Raw) {
	if !x.unique {
		return
	}
	for _, key := range x.keysOf(c, doc) {
		delete(x.entries, key)
	}
}

// keysOf are the keys of a document: the product of what its fields hold.
func (x *index) keysOf(c collation, doc bson.Raw) []string {
	keys, there := []string{""}, false
	for _, e := range x.keys {
		var longer []string
		visit(doc, e.Key, func(v bson.RawValue, _ bool) bool {
			if v.Type == bson.TypeArray && len(items(v)) > 0 {
				return false
			}
			there = there || v.Type != 0
			if v.Type == 0 {
				v = bson.RawValue{Type: bson.TypeNull}
			}
			for _, key := range keys {
				longer = append(longer, key+"\x00"+c.key(v))
			}
			return false
		})
		keys = longer
	}
	if x.sparse && !there {
		return nil
	}
	return keys
}

// namespace is a collection's full name.
func namespace(parts ...string) string { return strings.Join(parts, ".") }
