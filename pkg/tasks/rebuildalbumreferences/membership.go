package rebuildalbumreferences

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/scan"
)

// membership is which documents list an id. Ids that the same documents list share one set, so that a million files
// of one album take some 20 bytes each. Where no two ids share one, each reference takes 8 bytes, and some 30 more
// while the lists are read.
type membership struct {
	documents int64 // that were read
	listing   int64 // of them those whose lists count
	of        bsonvalue.IDMap[int32]
	listers   []bsonvalue.ID // the documents that list an id
	sets      []set
	grown     map[set]int32 // the index of each set, while the lists are read
	seen, has bsonvalue.Distinct
}

// set is one of the listers and the set before it was added; the first set of all is empty.
type set struct{ before, added int32 }

func newMembership() *membership { return &membership{sets: []set{{}}, grown: map[set]int32{}} }

// add says that a lister lists an id. Each may be said once.
func (m *membership) add(lister int32, id bsonvalue.ID) {
	before, _ := m.of.At(id)
	grown := set{before, lister}
	at, ok := m.grown[grown]
	if !ok {
		at = int32(len(m.sets))
		m.sets, m.grown[grown] = append(m.sets, grown), at
	}
	m.of.Put(id, at)
}

// list says which ids the list of a document holds.
func (m *membership) list(document bsonvalue.ID, list bson.RawValue) {
	m.seen.Reset()
	lister := int32(len(m.listers))
	for elements := scan.List(list); elements.Next(); {
		if id := bsonvalue.Of(elements.Value); id.Refers() && m.seen.Add(id) {
			m.add(lister, id)
		}
	}
	m.listers = append(m.listers, document)
}

// bytes is about what the membership takes while the lists are read.
func (m *membership) bytes() int64 { return int64(20*m.of.Len() + 40*len(m.sets) + 32*len(m.listers)) }

// end says that every list was read.
func (m *membership) end() { m.grown, m.sets = nil, slices.Clip(m.sets) }

// listsOnly tells whether a list has each of the documents that list an id once, and nothing else. What is no list
// has none.
func (m *membership) listsOnly(id bsonvalue.ID, list bson.RawValue) bool {
	at, _ := m.of.At(id)
	if at == 0 && list.Type != bson.TypeArray {
		return true
	}
	m.has.Reset()
	has, wants := 0, 0
	for elements := scan.List(list); elements.Next(); has++ {
		m.has.Add(bsonvalue.Of(elements.Value))
	}
	for ; at > 0; at = m.sets[at].before {
		if wants++; !m.has.Has(m.listers[m.sets[at].added]) {
			return false
		}
	}
	return wants == has
}

// listedBy are the documents that list an id, in the order in which they were read.
func (m *membership) listedBy(id bsonvalue.ID) (documents []bsonvalue.ID) {
	at, _ := m.of.At(id)
	for ; at > 0; at = m.sets[at].before {
		documents = append(documents, m.listers[m.sets[at].added])
	}
	slices.Reverse(documents)
	return documents
}
