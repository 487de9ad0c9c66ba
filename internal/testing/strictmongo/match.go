package strictmongo

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// predicate tells whether a document matches a filter.
type predicate func(doc bson.Raw) bool

// parser turns filters into predicates, and refuses those that the server refuses.
type parser struct{ collation collation }

// filter reads a whole filter, whose fields must all match.
func (p parser) filter(filter bson.Raw) (predicate, error) {
	elements, err := filter.Elements()
	if err != nil {
		return nil, badValue.is("the filter is no document: %v", err)
	}
	var all []predicate
	for _, e := range elements {
		one, err := p.element(e.Key(), e.Value())
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return every(all), nil
}

func every(all []predicate) predicate {
	return func(doc bson.Raw) bool {
		for _, one := range all {
			if !one(doc) {
				return false
			}
		}
		return true
	}
}

// element reads one field of a filter. A dollar at its beginning makes it an operator.
func (p parser) element(key string, v bson.RawValue) (predicate, error) {
	switch key {
	case "$and", "$or", "$nor":
		return p.logical(key, v)
	case "$comment":
		return every(nil), nil
	case "$expr":
		return p.expr(v)
	}
	if strings.HasPrefix(key, "$") {
		return nil, badValue.is("unknown top level operator: %s. If you have a field name that starts with a '$' symbol, "+
			"consider using $getField or $setField.", key)
	}
	if v.Type == bson.TypeRegex {
		return p.leaf(key, "$regex", v, nil)
	}
	if isExpression(v) {
		return p.expression(key, v.Document())
	}
	return p.leaf(key, "$eq", v, nil)
}

// logical reads $and, $or and $nor, whose list must not be empty.
// https://www.mongodb.com/docs/manual/reference/operator/query-logical/
func (p parser) logical(key string, v bson.RawValue) (predicate, error) {
	list := items(v)
	if len(list) == 0 {
		return nil, badValue.is("%s must be a nonempty array", key)
	}
	var all []predicate
	for _, item := range list {
		if item.Type != bson.TypeEmbeddedDocument {
			return nil, badValue.is("%s entries need to be full objects", key)
		}
		one, err := p.filter(item.Value)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if key == "$and" {
		return every(all), nil
	}
	return func(doc bson.Raw) bool { return some(all, doc) == (key == "$or") }, nil
}

func some(all []predicate, doc bson.Raw) bool {
	for _, one := range all {
		if one(doc) {
			return true
		}
	}
	return false
}

// isExpression tells a document of operators from one to be compared as it is: its first key begins with a dollar, and
// it is no DBRef. See isExpressionDocument in src/mongo/db/matcher/expression_parser.cpp.
func isExpression(v bson.RawValue) bool {
	doc, ok := v.DocumentOK()
	if !ok {
		return false
	}
	first, err := doc.IndexErr(0)
	if err != nil {
		return false
	}
	switch key := first.Key(); key {
	case "$ref", "$id", "$db":
		return false
	default:
		return strings.HasPrefix(key, "$")
	}
}

// expression reads the operators on one field.
func (p parser) expression(path string, doc bson.Raw) (predicate, error) {
	elements, _ := doc.Elements()
	var all []predicate
	for _, e := range elements {
		one, err := p.operator(path, e, doc)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return every(all), nil
}

// negated are the operators that are the opposite of another, for the field as a whole.
var negated = map[string]string{"$ne": "$eq", "$nin": "$in"}

func (p parser) operator(path string, e bson.RawElement, whole bson.Raw) (predicate, error) {
	name, v := e.Key(), e.Value()
	switch name {
	case "$not":
		return p.not(path, v)
	case "$exists":
		return exists(path, truthy(v)), nil
	case "$options":
		return every(nil), nil
	case "$ne", "$nin":
		return opposite(p.leaf(path, negated[name], v, nil))
	}
	return p.leaf(path, name, v, func() bson.Raw { return whole })
}

func opposite(one predicate, err error) (predicate, error) {
	if err != nil {
		return nil, err
	}
	return func(doc bson.Raw) bool { return !one(doc) }, nil
}

// not reads $not, which wants a regular expression or a document of operators that is not empty.
// https://www.mongodb.com/docs/manual/reference/operator/query/not/
func (p parser) not(path string, v bson.RawValue) (predicate, error) {
	if v.Type == bson.TypeRegex {
		return opposite(p.leaf(path, "$regex", v, nil))
	}
	doc, ok := v.DocumentOK()
	if !ok {
		return nil, badValue.is("$not needs a regex or a document")
	}
	if elements, _ := doc.Elements(); len(elements) == 0 {
		return nil, badValue.is("$not cannot be empty")
	}
	if !isExpression(v) {
		return nil, badValue.is("unknown operator: %s", doc.Index(0).Key())
	}
	return opposite(p.expression(path, doc))
}

func exists(path string, want bool) predicate {
	return func(doc bson.Raw) bool {
		return want == visit(doc, path, func(v bson.RawValue, _ bool) bool { return v.Type != 0 })
	}
}

func truthy(v bson.RawValue) bool {
	if b, ok := v.BooleanOK(); ok {
		return b
	}
	n, ok := v.AsInt64OK()
	return v.Type != bson.TypeNull && (!ok || n != 0)
}

// leaf reads an operator that holds where it holds for one of the values at a path.
func (p parser) leaf(path, name string, v bson.RawValue, whole func() bson.Raw) (predicate, error) {
	holds, err := p.test(name, v, whole)
	if err != nil {
		return nil, err
	}
	return func(doc bson.Raw) bool { return visit(doc, path, holds) }, nil
}
