package naming

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/ellipsis"
	"ucorefs.io/maintenance/pkg/library"
)

// unnamed is a document without a name.
type unnamed struct {
	Document
	kind string // empty: nothing says it
	ends []end
}

// end is what such a document refers to in one field: a document of one of several collections.
type end struct {
	field string
	at    []Document
}

// endsOf are the ends of those references that are one id each.
func endsOf(doc bson.Raw, refers []library.Reference) (ends []end) {
	for _, r := range refers {
		v := doc.Lookup(r.From.Name)
		e := end{field: r.From.Name}
		for _, id := range idsOf(v) {
			for _, to := range r.To {
				e.at = append(e.at, Document{to, id})
			}
		}
		if len(e.at) > 0 {
			ends = append(ends, e)
		}
	}
	return ends
}

// idsOf are the ids that a value may be: an ObjectID may be stored as text.
func idsOf(v bson.RawValue) []bsonvalue.ID {
	switch v.Type {
	case bson.TypeObjectID:
		return []bsonvalue.ID{bsonvalue.Of(v)}
	case bson.TypeString:
		ids := []bsonvalue.ID{bsonvalue.Of(v)}
		if id, err := bson.ObjectIDFromHex(v.StringValue()); err == nil {
			ids = append(ids, bsonvalue.Of(bson.RawValue{Type: bson.TypeObjectID, Value: id[:]}))
		}
		return ids
	}
	return nil
}

// maxKind is how many characters of a kind are shown, which may be a message.
const maxKind = 60

// text is the kind of the document and the names of its ends, such as "duplicate, target_id /photos/a.jpg". An end that
// does not exist has no name.
func (u unnamed) text(names Names) string {
	var parts []string
	if u.kind != "" {
		parts = append(parts, ellipsis.Cut(u.kind, maxKind))
	}
	for _, e := range u.ends {
		for _, d := range e.at {
			if name := names[d]; name != "" {
				parts = append(parts, e.field+" "+name)
				break
			}
		}
	}
	return strings.Join(parts, ", ")
}
