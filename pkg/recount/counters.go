package recount

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// Kind is one collection that has counters.
type Kind struct {
	Collection string
	// Fields are the counters, in the order in which Document holds them.
	Fields []string
}

// Kinds are the tags, the albums and the directories.
func Kinds(m library.Model) (tags, albums, directories Kind) {
	return Kind{m.Tags.Collection, []string{m.Tags.FileCount}},
		Kind{m.Albums.Collection, []string{m.Albums.FileCount}},
		Kind{m.Directories.Collection, []string{m.Directories.ChildCount, m.Directories.FileCount, m.Directories.TotalSize}}
}

// Stored are the counters of doc as they are.
func (k Kind) Stored(doc bson.Raw) []mongodb.Value {
	stored := make([]mongodb.Value, len(k.Fields))
	for i, f := range k.Fields {
		stored[i] = mongodb.Reference(doc, f)
	}
	return stored
}

// Counter is one counter field of one document: as it is stored, and as it should be. Numbers that are equal in another type
// (3, 3.0) are no difference.
type Counter struct {
	Stored mongodb.Value
	Want   int64
}

func (c Counter) differs() bool { return c.Stored != mongodb.Int(c.Want) }

// Document is the counters of one document.
type Document struct {
	ID       mongodb.ID
	Counters []Counter
}

// NewDocument joins what is stored and what should be.
func NewDocument(id mongodb.ID, stored []mongodb.Value, want ...int64) Document {
	d := Document{ID: id, Counters: make([]Counter, len(want))}
	for i := range want {
		d.Counters[i] = Counter{stored[i], want[i]}
	}
	return d
}

// Differs tells whether any counter is wrong.
func (d Document) Differs() bool {
	for _, c := range d.Counters {
		if c.differs() {
			return true
		}
	}
	return false
}

// Agrees tells whether another look at the document found the same.
func (d Document) Agrees(again Document) bool {
	for i := range d.Counters {
		if d.Counters[i] != again.Counters[i] {
			return false
		}
	}
	return true
}

// Words say what is wrong, for a person.
func (k Kind) Words(d Document) string {
	text := fmt.Sprintf("%s %s:", k.Collection, d.ID)
	for i, c := range d.Counters {
		if c.differs() {
			text += fmt.Sprintf(" %s %s → %d", k.Fields[i], c.Stored, c.Want)
		}
	}
	return text
}

// Update writes the counters that differ, while they are as they were read.
func (k Kind) Update(d Document) mongodb.Update {
	u := mongodb.Update{ID: d.ID}
	for i, c := range d.Counters {
		if c.differs() {
			u.Fields = append(u.Fields, mongodb.Field{Name: k.Fields[i], Old: c.Stored, New: c.Want})
		}
	}
	return u
}
