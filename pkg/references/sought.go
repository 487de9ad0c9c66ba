package references

import (
	"iter"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// sought are the ids that late references look for in one collection. An id is held once, however many references look
// for it.
type sought struct {
	refs []int // that lead into this collection alone; a bit of a mask stands for each
	ids  bsonvalue.IDMap[uint32]
}

// maxSought is how many references a mask has room for. Others are looked for one by one.
const maxSought = 32

// soughtOf are the collections in which late references look for ids, with no ids yet, and the bit of each reference.
func soughtOf(l library.Library, late []bool) (all map[string]*sought, masks []uint32) {
	all, masks = map[string]*sought{}, make([]uint32, len(l.References))
	for i, ref := range l.References {
		if !late[i] || len(ref.To) != 1 {
			continue
		}
		s := all[ref.To[0]]
		if s == nil {
			s = &sought{}
			all[ref.To[0]] = s
		}
		if len(s.refs) < maxSought {
			masks[i] = 1 << len(s.refs)
			s.refs = append(s.refs, i)
		}
	}
	return all, masks
}

// empty is the same references without ids.
func (s *sought) empty() *sought { return &sought{refs: s.refs} }

// add notes that references look for an id.
func (s *sought) add(id bsonvalue.ID, mask uint32) {
	if before, _ := s.ids.At(id); before|mask != before {
		s.ids.Put(id, before|mask)
	}
}

// all is each reference with each id that it looks for.
func (s *sought) all() iter.Seq2[int, bsonvalue.ID] {
	return func(yield func(int, bsonvalue.ID) bool) {
		for id, mask := range s.ids.All() {
			for n, i := range s.refs {
				if mask&(1<<n) != 0 && !yield(i, id) {
					return
				}
			}
		}
	}
}
