package strictmongo

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// query is what find, count, update and delete ask for.
type query struct {
	filter, sort bson.RawValue
	skip, limit  int64
	collation    *collation // nil: the collection's own
}

// find is the documents that a query asks for, in its order.
func (c *collection) find(q query) ([]bson.Raw, error) {
	filter, _ := q.filter.DocumentOK()
	if filter == nil {
		filter, _ = bson.Marshal(bson.D{})
	}
	by := c.collation
	if q.collation != nil {
		by = *q.collation
	}
	matches, err := parser{by}.filter(filter)
	if err != nil {
		return nil, err
	}
	sort, _ := q.sort.DocumentOK()
	o := parseSort(sort)
	enough := int64(0)
	if ordered := len(o) == 0 || len(o) == 1 && o[0].path == "_id" && !o[0].down; ordered && q.limit > 0 {
		enough = q.skip + q.limit
	}
	var found []bson.Raw
	for _, s := range c.candidates(filter, o, by) {
		if s.gone || !matches(s.raw) {
			continue
		}
		if found = append(found, s.raw); int64(len(found)) == enough {
			break
		}
	}
	if len(o) > 0 && !(len(o) == 1 && o[0].path == "_id" && !o[0].down) {
		o.sort(by, found)
	}
	return window(found, q.skip, q.limit), nil
}

func window(docs []bson.Raw, skip, limit int64) []bson.Raw {
	docs = docs[min(skip, int64(len(docs))):]
	if limit > 0 {
		docs = docs[:min(limit, int64(len(docs)))]
	}
	return docs
}

// candidates are the documents that may match, in the order of _id where that was asked for; a condition on _id spares most of them.
func (c *collection) candidates(filter bson.Raw, o order, by collation) []*stored {
	id := filter.Lookup("_id")
	if by == c.collation && id.Type != 0 {
		if exact, ok := c.exactly(id); ok {
			return exact
		}
		if low := id.Type == bson.TypeEmbeddedDocument; low && id.Document().Lookup("$gt").Type != 0 {
			return c.behind(id.Document().Lookup("$gt"))
		}
	}
	if len(o) > 0 {
		return c.sorted()
	}
	return c.order
}

// exactly are the documents of a condition that names _ids, sorted; ok is false for any other condition.
func (c *collection) exactly(id bson.RawValue) (found []*stored, ok bool) {
	var ids []bson.RawValue
	switch {
	case id.Type == bson.TypeRegex:
		return nil, false
	case !isExpression(id):
		ids = []bson.RawValue{id}
	case id.Document().Lookup("$in").Type == bson.TypeArray:
		ids = items(id.Document().Lookup("$in"))
	case id.Document().Lookup("$eq").Type != 0:
		ids = []bson.RawValue{id.Document().Lookup("$eq")}
	default:
		return nil, false
	}
	ids = slices.Clone(ids)
	slices.SortFunc(ids, c.collation.compare)
	seen := map[string]bool{}
	for _, v := range ids {
		if v.Type == bson.TypeRegex {
			return nil, false
		}
		key := c.collation.key(v)
		if s := c.docs[key]; s != nil && !seen[key] {
			found = append(found, s)
		}
		seen[key] = true
	}
	return found, true
}
