package references

import (
	"encoding/hex"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/scan"
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

// emptyText is how many bytes an empty text takes: its length and its end.
const emptyText = 5

// refers tells whether a value can lead to a document: an array is no id, and an empty text is what applications write
// for none.
func refers(kind bson.Type, value []byte) bool {
	switch kind {
	case 0, bson.TypeNull, bson.TypeUndefined, bson.TypeArray:
		return false
	case bson.TypeString:
		return len(value) > emptyText
	}
	return true
}

// held is the value of a field that refers, and whether the field is declared to hold a list.
type held struct {
	value bson.RawValue
	list  bool
}

// targets are the ids to which the field leads, in the form of idOf and each as often as it occurs. What is no list
// where one belongs has none.
func (h held) targets(yield func(bsonvalue.ID) bool) {
	if !h.list {
		_ = refers(h.value.Type, h.value.Value) && yield(idOf(h.value))
		return
	}
	for list := scan.List(h.value); list.Next(); {
		if refers(list.Value.Type, list.Value.Value) && !yield(idOf(list.Value)) {
			return
		}
	}
}
