package rebuildalbumreferences

import (
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// membership is which documents list an id. Ids that the same documents list share one set, so that a million files of
// one album take some 20 bytes each.
type membership struct {
	documents int64 // that were read
	listing   int64 // of them those whose lists count
	of        bsonvalue.IDMap[int32]
	sets      []set
	grown     map[set]int32 // the index of each set
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

// listedBy are the documents that list an id, in the order in which they were read.
func (m *membership) listedBy(id bsonvalue.ID) (documents []bsonvalue.ID) {
	at, _ := m.of.At(id)
	for ; at > 0; at = m.sets[at].before {
		documents = append(documents, m.sets[at].added)
	}
	slices.Reverse(documents)
	return documents
}
