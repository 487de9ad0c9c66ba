package references

import (
	"iter"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// sought are the ids that late references look for, by the collection that is read last of those where one of these ids
// may be. An id is held once, however many references look for it.
type sought struct {
	refs []int // a bit of a mask stands for each
	ids  bsonvalue.IDMap[uint32]
}

// maxSought is how many references a mask has room for. Others are looked for one by one.
const maxSought = 32

// soughtBy is where the ids are that a late reference looks for. The zero soughtBy is of a reference that is not late,
// or that is looked for by itself.
type soughtBy struct {
	collection string // of the sought
	mask       uint32 // its bit there
}

// soughtOf are the collections by which ids are sought in a reading in that order, with no ids yet, and where those of
// each reference are.
func soughtOf(l library.Library, order []string) (all map[string]*sought, by []soughtBy) {
	all, by = map[string]*sought{}, make([]soughtBy, len(l.References))
	for i, ref := range l.References {
		in := lastRead(ref, order)
		if in == "" {
			continue
		}
		s := all[in]
		if s == nil {
			s = &sought{}
			all[in] = s
		}
		if len(s.refs) < maxSought {
			by[i] = soughtBy{in, 1 << len(s.refs)}
			s.refs = append(s.refs, i)
		}
	}
	return all, by
}

// lastRead is the collection that is read last of those into which a reference leads, if that is not before the one
// which has the reference.
func lastRead(ref library.Reference, order []string) (collection string) {
	last := slices.Index(order, ref.From.Collection)
	for _, to := range ref.To {
		if at := slices.Index(order, to); at >= last {
			last, collection = at, to
		}
	}
	return collection
}

// seek is what is sought in one collection, among what is sought by another that is read at the same time or later.
type seek struct {
	*sought
	mask uint32 // of the references that lead into the collection
}

// seeks are all of one collection.
func (f *finder) seeks(collection string) (list []seek) {
	for _, by := range f.order {
		s := f.sought[by]
		if s == nil {
			continue
		}
		mask := uint32(0)
		for bit, i := range s.refs {
			if slices.Contains(f.library.References[i].To, collection) {
				mask |= 1 << bit
			}
		}
		if mask != 0 {
			list = append(list, seek{s, mask})
		}
	}
	return list
}

// has tells whether one of the references looks for an id.
func (s seek) has(id bsonvalue.ID) bool {
	mask, _ := s.ids.At(id)
	return mask&s.mask != 0
}

// met has the references look for an id no more.
func (s seek) met(id bsonvalue.ID) {
	switch mask, _ := s.ids.At(id); {
	case mask&s.mask == 0:
	case mask&^s.mask == 0:
		s.ids.Remove(id)
	default:
		s.ids.Put(id, mask&^s.mask)
	}
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
