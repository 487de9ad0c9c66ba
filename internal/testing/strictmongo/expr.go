package strictmongo

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// expr reads $expr, of which the product sends the comparison of constants: they are equal or not by the collation of
// the query. https://www.mongodb.com/docs/manual/reference/operator/query/expr/#behavior
func (p parser) expr(v bson.RawValue) (predicate, error) {
	doc, ok := v.DocumentOK()
	elements, _ := doc.Elements()
	if !ok || len(elements) != 1 {
		return nil, badValue.is("strictmongo: $expr is known with one operator only")
	}
	operands := items(elements[0].Value())
	switch elements[0].Key() {
	case "$or":
		var either []predicate
		for _, operand := range operands {
			one, err := p.expr(operand)
			if err != nil {
				return nil, err
			}
			either = append(either, one)
		}
		return func(doc bson.Raw) bool { return some(either, doc) }, nil
	case "$eq":
		return p.equalConstants(operands)
	}
	return nil, code{168, "InvalidPipelineOperator"}.is("Unrecognized expression '%s'", elements[0].Key())
}

func (p parser) equalConstants(operands []bson.RawValue) (predicate, error) {
	if len(operands) != 2 {
		return nil, code{16020, "Location16020"}.is("Expression $eq takes exactly 2 arguments. %d were passed in.", len(operands))
	}
	for _, v := range operands {
		if strings.HasPrefix(text(v), "$") {
			return nil, badValue.is("strictmongo: $expr is known with constants only")
		}
	}
	equal := p.collation.equal(operands[0], operands[1])
	return func(bson.Raw) bool { return equal }, nil
}
