package recount

import "ucorefs.io/maintenance/pkg/bsonvalue"

// stored is what documents store in one counter's field, if the counter is one of theirs. A number from 0 to half of what
// int64 holds takes as many bytes as it needs; what else there is, is kept once and named by a number.
type stored struct {
	codes  numbers // 0: the counter is none of the document's; 2n+1: the number n; 2n+2: the n-th of others
	others []bsonvalue.Value
	places map[bsonvalue.Value]int64
}

func (s *stored) set(at int32, v bsonvalue.Value) {
	if n, ok := v.Int64(); ok && n >= 0 && n < 1<<62-1 {
		s.codes.set(at, 2*n+1)
		return
	}
	n, known := s.places[v]
	if !known {
		if s.places == nil {
			s.places = map[bsonvalue.Value]int64{}
		}
		n = int64(len(s.others))
		s.places[v], s.others = n, append(s.others, v)
	}
	s.codes.set(at, 2*n+2)
}

// leave has the counter be none of the document's.
func (s *stored) leave(at int32) { s.codes.set(at, 0) }

// at is what a document stores, and whether the counter is one of its own.
func (s *stored) at(at int32) (v bsonvalue.Value, applies bool) {
	switch code := s.codes.at(at); {
	case code == 0:
		return v, false
	case code%2 == 1:
		return bsonvalue.Int(code / 2), true
	default:
		return s.others[code/2-1], true
	}
}
