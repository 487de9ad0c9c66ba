package bsonvalue

import (
	"iter"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// References are the distinct ids that an array field of doc refers to, in order. A field that is missing or no array
// has none, and null refers to nothing.
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

// Distinct is a set of the ids in one list. It begins as short lists itself: a file has a few tags, but an album may
// have a million files. The zero Distinct is empty and ready.
type Distinct struct {
	objectIDs []bson.ObjectID // the first ones
	others    []ID            // the first ones
	many      IDSet           // those behind them
}

const maxFew = 16

// Add tells whether id is new.
func (d *Distinct) Add(id ID) bool {
	switch {
	case id.kind == bson.TypeObjectID:
		return d.AddObjectID(id.objectID())
	case slices.Contains(d.others, id):
		return false
	case len(d.others) < maxFew:
		d.others = append(d.others, id)
		return true
	}
	return d.many.Add(id)
}

// AddObjectID is Add of an ObjectID.
func (d *Distinct) AddObjectID(id bson.ObjectID) bool {
	switch {
	case slices.Contains(d.objectIDs, id):
		return false
	case len(d.objectIDs) < maxFew:
		d.objectIDs = append(d.objectIDs, id)
		return true
	}
	return d.many.Add(ObjectID(id))
}

// Has tells whether id is in the set.
func (d *Distinct) Has(id ID) bool {
	if id.kind == bson.TypeObjectID && slices.Contains(d.objectIDs, id.objectID()) {
		return true
	}
	return slices.Contains(d.others, id) || d.many.Has(id)
}

// Reset empties the set and keeps the memory of the short lists.
func (d *Distinct) Reset() {
	d.objectIDs, d.others = d.objectIDs[:0], d.others[:0]
	if d.many.Len() > 0 {
		d.many = IDSet{}
	}
}
