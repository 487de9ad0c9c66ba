package references

import (
	"encoding/hex"
	"iter"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// hexText is the length of the BSON value of a text with 24 characters.
const hexText = 4 + 24 + 1

// idOf is the id that v holds, in the one form that stands for both: the ObjectID if v is the text of one.
func idOf(v bson.RawValue) bsonvalue.ID {
	if v.Type == bson.TypeString && len(v.Value) == hexText {
		var id bson.ObjectID
		if _, err := hex.Decode(id[:], v.Value[4:hexText-1]); err == nil {
			return bsonvalue.ObjectID(id)
		}
	}
	return bsonvalue.Of(v)
}

// oneForm is id in the form of idOf.
func oneForm(id bsonvalue.ID) bsonvalue.ID { return idOf(id.Raw()) }

// bothForms are the ids that a document may have to which one in the form of idOf leads.
func bothForms(id bsonvalue.ID) []bsonvalue.ID {
	raw := id.Raw()
	oid, ok := raw.ObjectIDOK()
	if !ok {
		return []bsonvalue.ID{id}
	}
	kind, text, err := bson.MarshalValue(oid.Hex())
	if err != nil { // a text can be encoded
		return []bsonvalue.ID{id}
	}
	return []bsonvalue.ID{id, bsonvalue.Of(bson.RawValue{Type: kind, Value: text})}
}

// refers tells whether v can lead to a document: an array is no id.
func refers(v bson.RawValue) bool {
	switch v.Type {
	case 0, bson.TypeNull, bson.TypeUndefined, bson.TypeArray:
		return false
	}
	return true
}

// targets are the ids to which a field of doc leads, in the form of idOf and each as often as it occurs.
func targets(doc bson.Raw, f library.Field) iter.Seq[bsonvalue.ID] {
	return func(yield func(bsonvalue.ID) bool) {
		v := doc.Lookup(f.Name)
		if !f.List {
			_ = refers(v) && yield(idOf(v))
			return
		}
		for _, element := range elements(v) {
			if refers(element) && !yield(idOf(element)) {
				return
			}
		}
	}
}

// elements are the elements of a list; what is no list has none.
func elements(v bson.RawValue) []bson.RawValue {
	array, ok := v.ArrayOK()
	if !ok {
		return nil
	}
	values, err := array.Values()
	if err != nil { // a document that came from the server is well-formed
		return nil
	}
	return values
}
