package mongodb

import (
	"bytes"
	"cmp"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// Intended is a write that was not sent yet: an Update or a Deletion.
type Intended interface {
	Targeting
	// StillDue tells whether a document is as it was when the write was planned.
	StillDue(bson.Raw) bool
	// Apply is a document as the server will store it, nil where it is deleted.
	Apply(bson.Raw) (bson.Raw, error)
}

// Target implements Intended.
func (u Update) Target() bsonvalue.ID { return u.ID }

// Target implements Intended.
func (x Deletion) Target() bsonvalue.ID { return x.ID }

// StillDue implements Intended.
func (u Update) StillDue(doc bson.Raw) bool {
	for _, f := range u.Fields {
		if bsonvalue.Reference(doc, f.Name) != f.Old {
			return false
		}
	}
	return true
}

// StillDue implements Intended.
func (x Deletion) StillDue(doc bson.Raw) bool {
	if x.As != nil && !bytes.Equal(x.As, doc) {
		return false
	}
	for name, v := range x.If {
		if bsonvalue.Reference(doc, name) != v {
			return false
		}
	}
	return true
}

// Apply implements Intended.
func (x Deletion) Apply(bson.Raw) (bson.Raw, error) { return nil, nil }

// Apply is doc as the server will store it: a field that is there keeps its place, new ones go to the end in the order
// of their names.
func (u Update) Apply(doc bson.Raw) (bson.Raw, error) {
	elements, err := doc.Elements()
	if err != nil {
		return nil, err
	}
	after := make(bson.D, 0, len(elements)+len(u.Fields))
	for _, e := range elements {
		after = append(after, bson.E{Key: e.Key(), Value: e.Value()})
	}
	byName := func(a, b Field) int { return cmp.Compare(a.Name, b.Name) }
	for _, f := range slices.SortedFunc(slices.Values(u.Fields), byName) {
		after = f.applyTo(after)
	}
	return bson.Marshal(after)
}

func (f Field) applyTo(doc bson.D) bson.D {
	at := slices.IndexFunc(doc, func(e bson.E) bool { return e.Key == f.Name })
	switch {
	case f.removes() && at < 0:
		return doc
	case f.removes():
		return slices.Delete(doc, at, at+1)
	case at < 0:
		return append(doc, bson.E{Key: f.Name, Value: f.New})
	}
	doc[at].Value = f.New
	return doc
}
