package strictmongo

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// operand is one side of a comparison in $expr.
type operand func(doc bson.Raw) bson.RawValue

// expr reads $expr, of which the product sends $eq and $or. Values are equal or not by the collation of the query, and
// across types. https://www.mongodb.com/docs/manual/reference/operator/query/expr/#behavior
func (p parser) expr(v bson.RawValue) (predicate, error) {
	doc, ok := v.DocumentOK()
	elements, _ := doc.Elements()
	if !ok || len(elements) != 1 {
		return nil, badValue.is("strictmongo: $expr is known with one operator only")
	}
	operands := items(elements[0].Value())
	switch elements[0].Key() {
	case "$or":
		return p.exprAny(operands)
	case "$eq":
		return p.exprEqual(operands)
	}
	return nil, invalidPipelineOperator.is("Unrecognized expression '%s'", elements[0].Key())
}

func (p parser) exprAny(operands []bson.RawValue) (predicate, error) {
	var either []predicate
	for _, operand := range operands {
		one, err := p.expr(operand)
		if err != nil {
			return nil, err
		}
		either = append(either, one)
	}
	return func(doc bson.Raw) bool { return some(either, doc) }, nil
}

func (p parser) exprEqual(operands []bson.RawValue) (predicate, error) {
	if len(operands) != 2 {
		return nil, code{16020, "Location16020"}.is("Expression $eq takes exactly 2 arguments. %d were passed in.",
			len(operands))
	}
	var of [2]operand
	for i, v := range operands {
		side, err := operandOf(v)
		if err != nil {
			return nil, err
		}
		of[i] = side
	}
	return func(doc bson.Raw) bool { return p.collation.equal(of[0](doc), of[1](doc)) }, nil
}

// operandOf reads a scalar, $$ROOT, the document itself, and $literal, a value that is not read any further.
// https://www.mongodb.com/docs/manual/reference/operator/aggregation/literal/
func operandOf(v bson.RawValue) (operand, error) {
	if text(v) == "$$ROOT" {
		return func(doc bson.Raw) bson.RawValue { return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc} }, nil
	}
	doc, isDocument := v.DocumentOK()
	if !isDocument {
		if strings.HasPrefix(text(v), "$") {
			return nil, badValue.is("strictmongo: of the document, $expr is known with $$ROOT only")
		}
		return func(bson.Raw) bson.RawValue { return v }, nil
	}
	if first, err := doc.IndexErr(0); err == nil && first.Key() == "$literal" {
		value := first.Value()
		return func(bson.Raw) bson.RawValue { return value }, nil
	}
	return nil, invalidPipelineOperator.is("Unrecognized expression in %s", v)
}
