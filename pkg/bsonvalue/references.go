package bsonvalue

import (
	"iter"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// References are the distinct ids that an array field of doc refers to, in order. A field that is missing or no array has
// none, and null refers to nothing.
func References(doc bson.Raw, field string) iter.Seq[ID] {
	return func(yield func(ID) bool) {
		array, ok := doc.Lookup(field).ArrayOK()
		if !ok {
			return
		}
		values, err := array.Values()
		if err != nil {
			return
		}
		var seen Distinct
		for _, v := range values {
			if id := Of(v); id.Refers() && seen.Add(id) && !yield(id) {
				return
			}
		}
	}
}

// Reference is the id that a field of doc refers to; it may be one that does not refer to anything.
func Reference(doc bson.Raw, field string) ID { return Of(doc.Lookup(field)) }

// Distinct is a set of the ids in one list. It begins as a short list itself: a file has a few tags, but an album may have a
// million files. The zero Distinct is empty and ready.
type Distinct struct {
	few  []ID
	many IDSet
}

const maxFew = 16

// Add tells whether id is new.
func (d *Distinct) Add(id ID) bool {
	if len(d.few) < maxFew {
		if slices.Contains(d.few, id) {
			return false
		}
		d.few = append(d.few, id)
		return true
	}
	return !slices.Contains(d.few, id) && d.many.Add(id)
}

// Has tells whether id is in the set.
func (d *Distinct) Has(id ID) bool { return slices.Contains(d.few, id) || d.many.Has(id) }

// Reset empties the set and keeps the memory of the short list.
func (d *Distinct) Reset() {
	d.few = d.few[:0]
	if d.many.Len() > 0 {
		d.many = IDSet{}
	}
}
