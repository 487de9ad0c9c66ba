package strictmongo

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// group puts documents together by the value of _id, and counts each group or finds its greatest values. Values are the
// same here if their bytes are. https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/
func group(by collation, spec bson.Raw, docs []bson.Raw) ([]bson.Raw, error) {
	var groups [][]bson.Raw
	var ids []bson.RawValue
	at := map[string]int{}
	for _, doc := range docs {
		id, err := value(spec.Lookup("_id"), doc)
		if err != nil {
			return nil, err
		}
		key := string(rune(id.Type)) + string(id.Value)
		if _, known := at[key]; !known {
			at[key] = len(groups)
			groups, ids = append(groups, nil), append(ids, id)
		}
		groups[at[key]] = append(groups[at[key]], doc)
	}
	made := make([]bson.Raw, len(groups))
	for i, id := range ids {
		one, err := accumulated(by, spec, id, groups[i])
		if err != nil {
			return nil, err
		}
		made[i] = one
	}
	return made, nil
}

// accumulated is the document of one group.
func accumulated(by collation, spec bson.Raw, id bson.RawValue, docs []bson.Raw) (bson.Raw, error) {
	made := bson.D{{Key: "_id", Value: id}}
	elements, _ := spec.Elements()
	for _, e := range elements[1:] {
		accumulator := e.Value().Document().Index(0)
		n, isConstant := accumulator.Value().AsInt64OK()
		switch {
		case accumulator.Key() == "$sum" && isConstant:
			made = append(made, bson.E{Key: e.Key(), Value: int32(n * int64(len(docs)))})
		case accumulator.Key() == "$max":
			greatest, err := greatestOf(by, accumulator.Value(), docs)
			if err != nil {
				return nil, err
			}
			made = append(made, bson.E{Key: e.Key(), Value: greatest})
		default:
			return nil, badValue.is("strictmongo: only sums of constants and $max are known here")
		}
	}
	return marshal(made), nil
}

// greatestOf leaves out null and what is missing.
// https://www.mongodb.com/docs/manual/reference/operator/aggregation/max/#null-or-missing-values
func greatestOf(by collation, expression bson.RawValue, docs []bson.Raw) (bson.RawValue, error) {
	best := bson.RawValue{Type: bson.TypeNull}
	for _, doc := range docs {
		v, err := value(expression, doc)
		if err != nil {
			return best, err
		}
		if v.Type != 0 && v.Type != bson.TypeNull && (best.Type == bson.TypeNull || by.compare(v, best) > 0) {
			best = v
		}
	}
	return best, nil
}

// value evaluates an expression: a field, $type, $objectToArray, a document of expressions, or a constant. What is
// missing is the zero value.
func value(expression bson.RawValue, doc bson.Raw) (bson.RawValue, error) {
	if path, isField := strings.CutPrefix(text(expression), "$"); isField {
		if path == "" || strings.HasSuffix(path, ".") {
			return bson.RawValue{}, code{40353, "Location40353"}.is("FieldPath must not end with a '.'.")
		}
		return doc.Lookup(strings.Split(path, ".")...), nil
	}
	spec, isDocument := expression.DocumentOK()
	if !isDocument {
		return expression, nil
	}
	elements, _ := spec.Elements()
	if len(elements) == 1 && strings.HasPrefix(elements[0].Key(), "$") {
		return operated(elements[0], doc)
	}
	made := bson.D{}
	for _, e := range elements {
		v, err := value(e.Value(), doc)
		if err != nil {
			return v, err
		}
		if v.Type != 0 {
			made = append(made, bson.E{Key: e.Key(), Value: v})
		}
	}
	return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: marshal(made)}, nil
}

func operated(e bson.RawElement, doc bson.Raw) (bson.RawValue, error) {
	v, err := value(e.Value(), doc)
	switch {
	case err != nil:
		return v, err
	case e.Key() == "$type":
		return textValue(typeName(v.Type)), nil
	case e.Key() == "$objectToArray":
		return pairs(v)
	}
	return v, invalidPipelineOperator.is("Unrecognized expression '%s'", e.Key())
}

// pairs is https://www.mongodb.com/docs/manual/reference/operator/aggregation/objectToArray/
func pairs(v bson.RawValue) (bson.RawValue, error) {
	if v.Type == 0 || v.Type == bson.TypeNull {
		return bson.RawValue{Type: bson.TypeNull}, nil
	}
	of, ok := v.DocumentOK()
	if !ok {
		return v, code{40390, "Location40390"}.is("$objectToArray requires a document input, found: %s", typeName(v.Type))
	}
	list := bson.A{}
	elements, _ := of.Elements()
	for _, e := range elements {
		list = append(list, bson.D{{Key: "k", Value: e.Key()}, {Key: "v", Value: e.Value()}})
	}
	return bson.Raw(marshal(bson.D{{Key: "list", Value: list}})).Lookup("list"), nil
}

func textValue(s string) bson.RawValue {
	return bson.Raw(marshal(bson.D{{Key: "text", Value: s}})).Lookup("text")
}

// typeName is a type as $type names it. https://www.mongodb.com/docs/manual/reference/bson-types/
func typeName(t bson.Type) string {
	names := map[bson.Type]string{
		0: "missing", bson.TypeDouble: "double", bson.TypeString: "string", bson.TypeEmbeddedDocument: "object",
		bson.TypeArray:  "array",
		bson.TypeBinary: "binData", bson.TypeUndefined: "undefined", bson.TypeObjectID: "objectId", bson.TypeBoolean: "bool",
		bson.TypeDateTime: "date", bson.TypeNull: "null", bson.TypeRegex: "regex", bson.TypeInt32: "int",
		bson.TypeTimestamp: "timestamp", bson.TypeInt64: "long", bson.TypeDecimal128: "decimal",
	}
	return names[t]
}

// unwound is a document for each element of a list. https://www.mongodb.com/docs/manual/reference/operator/aggregation/unwind/
func unwound(path string, docs []bson.Raw) (all []bson.Raw) {
	field := strings.TrimPrefix(path, "$")
	for _, doc := range docs {
		for _, item := range items(doc.Lookup(field)) {
			elements, _ := doc.Elements()
			one := bson.D{}
			for _, e := range elements {
				v := e.Value()
				if e.Key() == field {
					v = item
				}
				one = append(one, bson.E{Key: e.Key(), Value: v})
			}
			all = append(all, marshal(one))
		}
	}
	return all
}

// project leaves fields, or computes them from expressions, beside the _id.
func project(spec bson.Raw, docs []bson.Raw) ([]bson.Raw, error) {
	named, computed := bson.D{{Key: "_id", Value: 1}}, []bson.RawElement{}
	elements, _ := spec.Elements()
	for _, e := range elements {
		switch _, isExpression := e.Value().DocumentOK(); {
		case isExpression:
			computed = append(computed, e)
		case e.Key() != "_id":
			named = append(named, bson.E{Key: e.Key(), Value: e.Value()})
		}
	}
	p, err := parseProjection(marshal(named))
	if err != nil {
		return nil, err
	}
	projected := make([]bson.Raw, len(docs))
	for i, doc := range docs {
		if projected[i], err = compute(p.of(nil, doc), computed, doc); err != nil {
			return nil, err
		}
	}
	return projected, nil
}

func compute(left bson.Raw, computed []bson.RawElement, doc bson.Raw) (bson.Raw, error) {
	if len(computed) == 0 {
		return left, nil
	}
	made := bson.D{}
	elements, _ := left.Elements()
	for _, e := range elements {
		made = append(made, bson.E{Key: e.Key(), Value: e.Value()})
	}
	for _, e := range computed {
		v, err := value(e.Value(), doc)
		if err != nil {
			return nil, err
		}
		if v.Type != 0 {
			made = append(made, bson.E{Key: e.Key(), Value: v})
		}
	}
	return marshal(made), nil
}
