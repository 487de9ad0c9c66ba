package rebuildalbumreferences

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/scan"
)

// membership is which documents list an id. Ids that the same documents list share one set, so that a million files of
// one album take some 20 bytes each.
type membership struct {
	documents int64 // that were read
	listing   int64 // of them those whose lists count
	of        bsonvalue.IDMap[int32]
	sets      []set
	grown     map[set]int32 // the index of each set
	seen      bsonvalue.Distinct
	has       []bsonvalue.ID // of the document that is looked at
}

// set is one document and the set before it was added; the first set of all is empty.
type set struct {
	before int32
	added  bsonvalue.ID
}

// add says that a document lists an id. Each may be said once.
func (m *membership) add(document, id bsonvalue.ID) {
	if m.grown == nil {
		m.sets, m.grown = []set{{}}, map[set]int32{}
	}
	before, _ := m.of.At(id)
	grown := set{before, document}
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
	for elements := scan.List(list); elements.Next(); {
		if id := bsonvalue.Of(elements.Value); id.Refers() && m.seen.Add(id) {
			m.add(document, id)
		}
	}
}

// listsOnly tells whether a list has each of the documents that list an id once, and nothing else. What is no list has none.
func (m *membership) listsOnly(id bsonvalue.ID, list bson.RawValue) bool {
	at, _ := m.of.At(id)
	if at == 0 && list.Type != bson.TypeArray {
		return true
	}
	m.has = m.has[:0]
	for elements := scan.List(list); elements.Next(); {
		m.has = append(m.has, bsonvalue.Of(elements.Value))
	}
	wants := 0
	for ; at > 0; at = m.sets[at].before {
		if wants++; !slices.Contains(m.has, m.sets[at].added) {
			return false
		}
	}
	return wants == len(m.has)
}

// listedBy are the documents that list an id, in the order in which they were read.
func (m *membership) listedBy(id bsonvalue.ID) (documents []bsonvalue.ID) {
	at, _ := m.of.At(id)
	for ; at > 0; at = m.sets[at].before {
		documents = append(documents, m.sets[at].added)
	}
	slices.Reverse(documents)
	return documents
}
