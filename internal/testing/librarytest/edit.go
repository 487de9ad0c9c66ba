package librarytest

import "go.mongodb.org/mongo-driver/v2/bson"

// With is doc with a field set as a server sets it: where it stands, or at the end. Everything else keeps its bytes. It
// panics on what is no document.
func With(doc bson.Raw, name string, v any) bson.Raw {
	elements, err := doc.Elements()
	if err != nil {
		panic("librarytest: a malformed document: " + err.Error()) // documents come from a server
	}
	edited := bson.D{}
	for _, e := range elements {
		edited = append(edited, bson.E{Key: e.Key(), Value: e.Value()})
	}
	return rawOf(put(edited, name, v))
}

// elements are all elements of an array; what is no array has none.
func elements(v bson.RawValue) []bson.RawValue {
	array, ok := v.ArrayOK()
	if !ok {
		return nil
	}
	values, err := array.Values()
	if err != nil {
		return nil
	}
	return values
}

// arrayOf is an array of values as they are.
func arrayOf(values []bson.RawValue) bson.A {
	array := bson.A{}
	for _, v := range values {
		array = append(array, v)
	}
	return array
}
