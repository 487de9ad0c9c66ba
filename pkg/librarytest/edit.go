package librarytest

import "go.mongodb.org/mongo-driver/v2/bson"

// With is doc with a field set as a server sets it: where it stands, or at the end. Everything else keeps its bytes.
func With(doc bson.Raw, name string, v any) bson.Raw {
	elements, err := doc.Elements()
	if err != nil {
		panic("librarytest: a document that is none: " + err.Error()) // documents come from a server
	}
	edited, found := bson.D{}, false
	for _, e := range elements {
		if e.Key() != name {
			edited = append(edited, bson.E{Key: e.Key(), Value: e.Value()})
			continue
		}
		edited, found = append(edited, bson.E{Key: name, Value: v}), true
	}
	if !found {
		edited = append(edited, bson.E{Key: name, Value: v})
	}
	return Raw(map[string][]bson.D{"": {edited}})[""][0]
}
