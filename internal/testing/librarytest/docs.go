package librarytest

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Docs are the documents of each collection, by the collection's name, as a database stores them.
type Docs = map[string][]bson.Raw

// Raw is docs as a database stores them. It panics on a value that BSON cannot hold.
func Raw(docs map[string][]bson.D) Docs {
	raws := Docs{}
	for name, list := range docs {
		for _, doc := range list {
			raws[name] = append(raws[name], rawOf(doc))
		}
	}
	return raws
}

func rawOf(doc bson.D) bson.Raw {
	raw, err := bson.Marshal(doc)
	if err != nil {
		panic(fmt.Sprintf("librarytest: encode a document: %v", err)) // the generator makes nothing that is no BSON
	}
	return raw
}

// ByID is documents by the Key of their _id, each as a string of its bytes.
func ByID(docs []bson.Raw) map[string]string {
	texts := map[string]string{}
	for _, doc := range docs {
		texts[idOf(doc)] = string(doc)
	}
	return texts
}

func idOf(doc bson.Raw) string { return Key(doc.Lookup("_id")) }

// absent is the value of a field that a document does not have.
type absent struct{}

// document is a document of name, value, name, value ...; a field whose value is absent is left out.
func document(pairs ...any) bson.D {
	doc := bson.D{}
	for i := 0; i < len(pairs); i += 2 {
		if _, no := pairs[i+1].(absent); !no {
			doc = append(doc, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
		}
	}
	return doc
}

// value is a field's value, or absent.
func value(doc bson.D, name string) any {
	for _, e := range doc {
		if e.Key == name {
			return e.Value
		}
	}
	return absent{}
}

// put is doc with a field set where it stands, or appended; absent removes it.
func put(doc bson.D, name string, v any) bson.D {
	_, remove := v.(absent)
	for i := range doc {
		switch {
		case doc[i].Key != name:
		case remove:
			return append(doc[:i:i], doc[i+1:]...)
		default:
			doc[i].Value = v
			return doc
		}
	}
	if remove {
		return doc
	}
	return append(doc, bson.E{Key: name, Value: v})
}
