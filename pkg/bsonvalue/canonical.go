package bsonvalue

import (
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// canonical is a document, or an array, with every value in it, at any depth, as Value.Raw gives it: equal documents
// are the same bytes. What cannot be read stays as it is.
func canonical(doc []byte) []byte {
	elements, err := bson.Raw(doc).Elements()
	if err != nil {
		return doc
	}
	at, b := bsoncore.AppendDocumentStart(make([]byte, 0, len(doc)))
	for _, e := range elements {
		v := canonicalValue(e.Value())
		b = bsoncore.AppendValueElement(b, e.Key(), bsoncore.Value{Type: bsoncore.Type(v.Type), Data: v.Value})
	}
	b, err = bsoncore.AppendDocumentEnd(b, at)
	if err != nil {
		return doc
	}
	return b
}

// canonicalValue leaves fractions alone, of which a vector has many: no other number that is a float is equal to one.
func canonicalValue(v bson.RawValue) bson.RawValue {
	switch v.Type {
	case bson.TypeArray:
		return bson.RawValue{Type: v.Type, Value: canonical(v.Value)}
	case bson.TypeDouble:
		if f := v.Double(); !math.IsNaN(f) && f != math.Trunc(f) {
			return v
		}
	}
	return Of(v).Raw()
}
