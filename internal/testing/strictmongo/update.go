package strictmongo

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// change makes another document of one. Same bytes mean that nothing changes.
type change func(doc bson.Raw) (bson.Raw, error)

// parseUpdate reads an update: a replacement, or operators. The product sends $set, $unset and $pullAll; $inc and $push
// serve tests.
func parseUpdate(v bson.RawValue) (change, error) {
	doc, ok := v.DocumentOK()
	if !ok {
		return nil, failedToParse.is("strictmongo: updates by a pipeline are not known here")
	}
	elements, _ := doc.Elements()
	if len(elements) == 0 || !strings.HasPrefix(elements[0].Key(), "$") {
		return replacement(doc, elements)
	}
	var changes []change
	for _, e := range elements {
		one, err := operatorUpdate(e.Key(), e.Value())
		if err != nil {
			return nil, err
		}
		changes = append(changes, one...)
	}
	return func(doc bson.Raw) (bson.Raw, error) {
		var err error
		for _, one := range changes {
			if doc, err = one(doc); err != nil {
				return nil, err
			}
		}
		return doc, nil
	}, nil
}

// replacement puts a whole document in the place of another, which keeps its _id. Its own fields must not begin with a
// dollar. https://www.mongodb.com/docs/manual/core/dot-dollar-considerations/
func replacement(with bson.Raw, elements []bson.RawElement) (change, error) {
	for _, e := range elements {
		if strings.HasPrefix(e.Key(), "$") {
			return nil, dollarPrefixedFieldName.is("The dollar ($) prefixed field '%s' in '%s' is not allowed in the context "+
				"of an "+
				"update's replacement document. Consider using an aggregation pipeline with $replaceWith.", e.Key(), e.Key())
		}
	}
	return func(doc bson.Raw) (bson.Raw, error) {
		id := doc.Lookup("_id")
		if own := with.Lookup("_id"); own.Type != 0 && !(collation{}).equal(own, id) {
			return nil, immutableField.is("After applying the update, the (immutable) field '_id' was found to have been " +
				"altered")
		}
		return withID(with, id), nil
	}, nil
}

// withID is a document with its _id first, as the server stores it.
func withID(doc bson.Raw, id bson.RawValue) bson.Raw {
	d := bson.D{{Key: "_id", Value: id}}
	elements, _ := doc.Elements()
	for _, e := range elements {
		if e.Key() != "_id" {
			d = append(d, bson.E{Key: e.Key(), Value: e.Value()})
		}
	}
	raw, _ := bson.Marshal(d)
	return raw
}

// operatorUpdate reads the fields of one operator, in the order in which the server works on them: by name since
// MongoDB 5.0. https://www.mongodb.com/docs/manual/reference/operator/update/#update-operators-behavior
func operatorUpdate(name string, fields bson.RawValue) (changes []change, err error) {
	apply := updateOperators[name]
	if apply == nil {
		return nil, failedToParse.is("Unknown modifier: %s. Expected a valid update modifier or pipeline-style update "+
			"specified "+
			"as an array", name)
	}
	doc, ok := fields.DocumentOK()
	if !ok {
		return nil, failedToParse.is("Modifiers operate on fields but we found another type instead, in %s", name)
	}
	elements, _ := doc.Elements()
	slices.SortStableFunc(elements, func(a, b bson.RawElement) int { return compareNames(a.Key(), b.Key()) })
	for _, e := range elements {
		parts, err := updatePath(e.Key())
		if err != nil {
			return nil, err
		}
		v := e.Value()
		changes = append(changes, func(doc bson.Raw) (bson.Raw, error) { return onPath(doc, parts, v, apply) })
	}
	return changes, nil
}

// compareNames has numbers in the order of numbers.
func compareNames(a, b string) int {
	x, err := strconv.Atoi(a)
	y, other := strconv.Atoi(b)
	if err == nil && other == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// updatePath splits a field's name at its dots, of which each part must be a name without a dollar.
// https://www.mongodb.com/docs/manual/core/dot-dollar-considerations/
func updatePath(name string) ([]string, error) {
	parts := strings.Split(name, ".")
	for _, part := range parts {
		switch {
		case part == "":
			return nil, emptyFieldName.is("The update path '%s' contains an empty field name, which is not allowed.", name)
		case strings.HasPrefix(part, "$"):
			return nil, dollarPrefixedFieldName.is("The dollar ($) prefixed field '%s' in '%s' is not allowed in the context "+
				"of an "+
				"update operator.", part, name)
		}
	}
	return parts, nil
}

// updateOperator gives a field's new value; the zero value removes it.
type updateOperator func(old, v bson.RawValue) (bson.RawValue, error)

var updateOperators = map[string]updateOperator{
	"$set":   func(_, v bson.RawValue) (bson.RawValue, error) { return v, nil },
	"$unset": func(_, _ bson.RawValue) (bson.RawValue, error) { return missing, nil },
	"$inc":   increment,
	"$push":  push,

	"$pullAll": pullAll,
}

func increment(old, by bson.RawValue) (bson.RawValue, error) {
	if old.Type == 0 {
		return by, nil
	}
	if bracket(old.Type) != 10 {
		return missing, code{14, "TypeMismatch"}.is("Cannot apply $inc to a value of non-numeric type")
	}
	if old.Type == bson.TypeDouble || by.Type == bson.TypeDouble {
		return raw(old.AsFloat64() + by.AsFloat64()), nil
	}
	return raw(old.AsInt64() + by.AsInt64()), nil
}

func push(old, v bson.RawValue) (bson.RawValue, error) {
	if old.Type != 0 && old.Type != bson.TypeArray {
		return missing, badValue.is("The field must be an array")
	}
	return raw(append(items(old), v)), nil
}

// pullAll removes every element that equals one of those. https://www.mongodb.com/docs/manual/reference/operator/update/pullAll/
func pullAll(old, those bson.RawValue) (bson.RawValue, error) {
	switch {
	case those.Type != bson.TypeArray:
		return missing, badValue.is("$pullAll requires an array argument but was given a %s", those.Type)
	case old.Type == 0:
		return old, nil
	case old.Type != bson.TypeArray:
		return missing, badValue.is("Cannot apply $pullAll to a non-array value")
	}
	goes := map[string]bool{}
	for _, v := range items(those) {
		goes[collation{}.key(v)] = true
	}
	left := bson.A{}
	for _, v := range items(old) {
		if !goes[collation{}.key(v)] {
			left = append(left, v)
		}
	}
	return raw(left), nil
}

// raw is a Go value as it is stored.
func raw(v any) bson.RawValue {
	t, data, _ := bson.MarshalValue(v)
	return bson.RawValue{Type: t, Value: data}
}

// onPath applies an operator to the field at a path, and makes the documents on the way that are not there.
func onPath(doc bson.Raw, parts []string, v bson.RawValue, apply updateOperator) (bson.Raw, error) {
	elements, err := doc.Elements()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(elements, func(e bson.RawElement) bool { return e.Key() == parts[0] })
	old := missing
	if at >= 0 {
		old = elements[at].Value()
	}
	now, err := below(old, parts, v, apply)
	if err != nil || now.Type == old.Type && bytes.Equal(now.Value, old.Value) {
		return doc, err
	}
	var d bson.D
	for i, e := range elements {
		switch {
		case i != at:
			d = append(d, bson.E{Key: e.Key(), Value: e.Value()})
		case now.Type != 0:
			d = append(d, bson.E{Key: e.Key(), Value: now})
		}
	}
	if at < 0 && now.Type != 0 {
		d = append(d, bson.E{Key: parts[0], Value: now})
	}
	return bson.Marshal(d)
}

// below is what a field holds afterwards, of which parts is the path.
func below(old bson.RawValue, parts []string, v bson.RawValue, apply updateOperator) (bson.RawValue, error) {
	if len(parts) == 1 {
		return apply(old, v)
	}
	switch old.Type {
	case 0:
		old = raw(bson.D{})
	case bson.TypeEmbeddedDocument:
	case bson.TypeArray:
		if _, err := strconv.Atoi(parts[1]); err == nil && len(items(old)) > 0 {
			break
		}
		fallthrough
	default:
		return missing, code{28, "PathNotViable"}.is("Cannot create field '%s' in element {%s: %v}", parts[1], parts[0], old)
	}
	now, err := onPath(old.Value, parts[1:], v, apply)
	return bson.RawValue{Type: old.Type, Value: now}, err
}
