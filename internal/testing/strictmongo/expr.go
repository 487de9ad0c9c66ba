package strictmongo

import "go.mongodb.org/mongo-driver/v2/bson"

// operand is one side of a comparison in $expr.
type operand func(doc bson.Raw) bson.RawValue

// expr reads $expr, of which it knows the comparison of whole documents: {$eq: [a, b]}, by the order of all values and
// so across types. https://www.mongodb.com/docs/manual/reference/operator/query/expr/
func (p parser) expr(v bson.RawValue) (predicate, error) {
	doc, _ := v.DocumentOK()
	first, err := doc.IndexErr(0)
	if err != nil || first.Key() != "$eq" {
		return nil, invalidPipelineOperator.is("Unrecognized expression in %s", v)
	}
	sides := items(first.Value())
	if len(sides) != 2 {
		return nil, code{16020, "Location16020"}.is("Expression $eq takes exactly 2 arguments. %d were passed in.", len(sides))
	}
	var of [2]operand
	for i, side := range sides {
		if of[i], err = operandOf(side); err != nil {
			return nil, err
		}
	}
	return func(doc bson.Raw) bool { return p.collation.equal(of[0](doc), of[1](doc)) }, nil
}

// operandOf reads $$ROOT, the document itself, and $literal, a value that is not read any further.
// https://www.mongodb.com/docs/manual/reference/operator/aggregation/literal/
func operandOf(v bson.RawValue) (operand, error) {
	if text(v) == "$$ROOT" {
		return func(doc bson.Raw) bson.RawValue { return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc} }, nil
	}
	doc, _ := v.DocumentOK()
	if first, err := doc.IndexErr(0); err == nil && first.Key() == "$literal" {
		value := first.Value()
		return func(bson.Raw) bson.RawValue { return value }, nil
	}
	return nil, invalidPipelineOperator.is("Unrecognized expression in %s", v)
}
