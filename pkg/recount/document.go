package recount

import (
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// Counter is one counter of one document: as it is stored, and as it should be. Numbers that are equal in another type
// (3, 3.0) are no difference.
type Counter struct {
	Field  string
	Stored bsonvalue.Value
	Want   int64
}

func (c Counter) differs() bool { return c.Stored != bsonvalue.Int(c.Want) }

// Document is the counters of one document.
type Document struct {
	ID       bsonvalue.ID
	Counters []Counter
}

// Differs tells whether any counter is wrong.
func (d Document) Differs() bool { return slices.ContainsFunc(d.Counters, Counter.differs) }

// Agrees tells whether another look at the document found the same.
func (d Document) Agrees(again Document) bool { return slices.Equal(d.Counters, again.Counters) }

// Describe says what is wrong in a document, for a person.
func (d Document) Describe() string {
	var parts []string
	for _, c := range d.Counters {
		if c.differs() {
			parts = append(parts, fmt.Sprintf("%s %s → %d", c.Field, c.Stored, c.Want))
		}
	}
	return strings.Join(parts, " ")
}

// Update writes the counters that differ, while they are as they were read.
func (d Document) Update() mongodb.Update {
	u := mongodb.Update{ID: d.ID}
	for _, c := range d.Counters {
		if c.differs() {
			u.Fields = append(u.Fields, mongodb.Field{Name: c.Field, Old: c.Stored, New: c.Want})
		}
	}
	return u
}
