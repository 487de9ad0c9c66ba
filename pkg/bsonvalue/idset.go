package bsonvalue

import (
	"iter"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/idtable"
)

// IDSet is a set of ids that takes at most 14 bytes for an ObjectID, and more only for ids of other types. The zero
// IDSet is empty and ready. It is not safe for concurrent use.
type IDSet struct{ ids IDMap[struct{}] }

// Add puts id into the set and tells whether it was not there.
func (s *IDSet) Add(id ID) bool {
	before := s.ids.Len()
	s.ids.Put(id, struct{}{})
	return s.ids.Len() > before
}

// Has tells whether id is in the set.
func (s *IDSet) Has(id ID) bool { _, ok := s.ids.At(id); return ok }

// HasObjectID is Has of an ObjectID.
func (s *IDSet) HasObjectID(id bson.ObjectID) bool { _, ok := s.ids.AtObjectID(id); return ok }

// Remove takes id out of the set.
func (s *IDSet) Remove(id ID) { s.ids.Remove(id) }

// Len is the number of ids.
func (s *IDSet) Len() int { return s.ids.Len() }

// All is each id once, in no particular order. The set must not be changed meanwhile.
func (s *IDSet) All() iter.Seq[ID] {
	return func(yield func(ID) bool) {
		for id := range s.ids.All() {
			if !yield(id) {
				return
			}
		}
	}
}

// IDMap is a map from ids that takes at most 14 bytes for an ObjectID, and the value's own size. The zero IDMap is
// empty and ready. It is not safe for concurrent use.
type IDMap[V any] struct {
	objectIDs idtable.Table[V]
	others    map[ID]V
}

// Put sets the value of id.
func (m *IDMap[V]) Put(id ID, v V) {
	if id.kind != bson.TypeObjectID {
		if m.others == nil {
			m.others = map[ID]V{}
		}
		m.others[id] = v
		return
	}
	m.objectIDs.Put(id.objectID(), v)
}

// At is the value of id, and whether there is one.
func (m *IDMap[V]) At(id ID) (V, bool) {
	if id.kind == bson.TypeObjectID {
		return m.objectIDs.At(id.objectID())
	}
	v, ok := m.others[id]
	return v, ok
}

// AtObjectID is At of an ObjectID.
func (m *IDMap[V]) AtObjectID(id bson.ObjectID) (V, bool) { return m.objectIDs.At(id) }

// Remove forgets id.
func (m *IDMap[V]) Remove(id ID) {
	if id.kind == bson.TypeObjectID {
		m.objectIDs.Remove(id.objectID())
		return
	}
	delete(m.others, id)
}

// Len is the number of ids.
func (m *IDMap[V]) Len() int { return m.objectIDs.Len() + len(m.others) }

// All is each id with its value, in no particular order. The map must not be changed meanwhile.
func (m *IDMap[V]) All() iter.Seq2[ID, V] {
	return func(yield func(ID, V) bool) {
		for id, v := range m.objectIDs.All() {
			if !yield(ObjectID(id), v) {
				return
			}
		}
		for id, v := range m.others {
			if !yield(id, v) {
				return
			}
		}
	}
}
