package declare

import (
	"math"
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// kind is what an id is made of.
type kind int

const (
	noID   kind = iota // never an id: a date, a flag, a fraction
	unique             // nobody else has it by chance: an ObjectID, its text, a UUID
	number             // a whole number: most are no ids
	word               // a text
)

// maxWord is how long a text may be that is an id, in bytes.
const maxWord = 100

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

func kindOf(v bson.RawValue) kind {
	switch v.Type {
	case bson.TypeObjectID:
		return unique
	case bson.TypeBinary:
		if subtype, data := v.Binary(); len(data) == 16 && (subtype == bson.TypeBinaryUUID ||
			subtype == bson.TypeBinaryUUIDOld) {
			return unique
		}
	case bson.TypeInt32, bson.TypeInt64:
		return number
	case bson.TypeDouble:
		if whole := v.Double(); whole == math.Trunc(whole) {
			return number
		}
	case bson.TypeString:
		return kindOfText(v.StringValue())
	}
	return noID
}

func kindOfText(text string) kind {
	switch {
	case text == "" || len(text) > maxWord:
		return noID
	case hexID(text) || uuid.MatchString(text):
		return unique
	}
	return word
}

// hexID tells whether a text is an ObjectID in hex. One that is all zeros is a placeholder.
func hexID(text string) bool {
	id, err := bson.ObjectIDFromHex(text)
	return err == nil && !id.IsZero()
}

// forms are an id as it is stored and, of an ObjectID, the other way in which it may be stored: its text, or itself.
func forms(id bsonvalue.ID) []bsonvalue.ID {
	switch raw := id.Raw(); raw.Type {
	case bson.TypeObjectID:
		return []bsonvalue.ID{id, bsonvalue.Text(raw.ObjectID().Hex())}
	case bson.TypeString:
		if oid, err := bson.ObjectIDFromHex(raw.StringValue()); err == nil {
			return []bsonvalue.ID{id, bsonvalue.ObjectID(oid)}
		}
	}
	return []bsonvalue.ID{id}
}

// exists tells whether a set holds an id in either form.
func exists(found *bsonvalue.IDSet, id bsonvalue.ID) bool {
	if found == nil {
		return false
	}
	for _, form := range forms(id) {
		if found.Has(form) {
			return true
		}
	}
	return false
}

// suffixes are what the names of fields that hold ids end with.
var suffixes = []string{"_ids", "_id", "Ids", "IDs", "Id", "ID"}

// stem is what a field's name says of what it refers to: tag of tag_ids. Without such a suffix it is the whole name.
func stem(field string) (name string, hasSuffix bool) {
	for _, suffix := range suffixes {
		if name, ok := strings.CutSuffix(field, suffix); ok && name != "" {
			return name, true
		}
	}
	return field, false
}

// plural tells whether a field's name says that it holds several ids.
func plural(field string) bool {
	_, hasSuffix := stem(field)
	return hasSuffix && strings.HasSuffix(field, "s")
}

// alike tells whether a field's name speaks of a collection: tag_ids and tags, customer and customers, file_id and
// file_records.
func alike(field, collection string) bool {
	name, _ := stem(field)
	a, b := plain(name), plain(collection)
	return len(a) > 2 && len(b) > 2 && (strings.HasPrefix(b, a) || strings.HasPrefix(a, b))
}

// plain is a name without case, separators and plural.
func plain(name string) string {
	name = strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(name))
	if short, ok := strings.CutSuffix(name, "ies"); ok {
		return short + "y"
	}
	return strings.TrimSuffix(name, "s")
}
