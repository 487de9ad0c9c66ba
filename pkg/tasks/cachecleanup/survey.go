package cachecleanup

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/pathhash"
	"ucorefs.io/maintenance/pkg/tasks"
)

// survey is what one walk through all folders found.
type survey struct {
	folders folders
	rule    rule // without its edge, which the survey is to find
	all     sum  // without the set
	aged    sum
	among   *files.Names // what goes, or is taken for it; nil where any may
	young   *histogram   // by order, of the files that may go for the sake of the size
	seen    []seen       // these files; none where there are more than room
	room    int
	many    bool   // there are more
	oldest  []file // of all files that may go, the first few to go
	skipped files.Skipped
}

// seen is what is remembered of a file, so that a second look at it needs no walk.
type seen struct {
	order       uint64
	bytes       int64
	fingerprint fingerprint
	name        pathhash.Hash
}

// maxSeen bounds the memory of what was seen: 20 MiB.
const maxSeen = 1 << 19

func newSurvey(in folders, r rule, room int) *survey {
	return &survey{folders: in, rule: r, room: room, young: newHistogram(), among: &files.Names{}}
}

// run is the walk.
func (s *survey) run(ctx context.Context, env tasks.Env) (err error) {
	s.skipped, err = s.folders.walk(ctx, func(one file) error {
		env.Progress.Add(1)
		s.all.files, s.all.bytes = s.all.files+1, s.all.bytes+one.Size
		if s.rule.free(one) {
			s.add(one)
		}
		return env.Throttle.Files(ctx, 1)
	})
	return err
}

func (s *survey) add(one file) {
	s.sample(one)
	if s.rule.aged(one) {
		s.aged = s.aged.plus(one.sum())
		s.among.Add(pathhash.Of(one.Path))
		return
	}
	sum := one.sum()
	s.young.add(one.order(), sum)
	if s.many = s.many || len(s.seen) == s.room; s.many {
		s.seen = nil
		return
	}
	s.seen = append(s.seen, seen{one.order(), one.Size, sum.set, pathhash.Of(one.Path)})
}

// sample keeps the first few to go.
func (s *survey) sample(one file) {
	if len(s.oldest) == tasks.SampleSize && one.order() > s.oldest[tasks.SampleSize-1].order() {
		return
	}
	at, _ := slices.BinarySearchFunc(s.oldest, one, func(a, b file) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(a.name(), b.name()))
	})
	s.oldest = tasks.First(slices.Insert(s.oldest, at, one))
}

// decide finds the edge, so that as much goes as is above most bytes, and says what goes.
func (s *survey) decide(ctx context.Context, most int64) (g going, err error) {
	g = going{sum: s.aged, rule: s.rule}
	if excess := s.all.bytes - s.aged.bytes - most; excess > 0 {
		var more sum
		g.rule.edge, more, err = s.edge(ctx, excess)
		g.sum = g.sum.plus(more)
		s.addYoung(g.rule.edge)
	}
	g.among = s.among
	for _, one := range s.oldest {
		if g.rule.goes(one) {
			g.sample = append(g.sample, fmt.Sprintf("delete %s (%d bytes, last used %s)", one.name(), one.Size,
				one.used().UTC().Format("2006-01-02 15:04:05")))
		}
	}
	return g, err
}

// addYoung adds the files that go for the sake of the size to those that are looked at again; where they were too many
// to remember, all are.
func (s *survey) addYoung(last edge) {
	if s.many {
		s.among = nil
		return
	}
	for _, f := range s.seen {
		if last.reaches(f.order, f.fingerprint.tie) {
			s.among.Add(f.name)
		}
	}
}

// edge is the last of the least recently used files that must go so that excess bytes go, and the sum of those that go.
func (s *survey) edge(ctx context.Context, excess int64) (edge, sum, error) {
	at, err := find(excess, s.young, func(in window) (*histogram, error) {
		return s.tally(ctx, func(f seen) (uint64, bool) { return f.order, in.has(f.order) })
	})
	if err != nil || at.at.files <= 1 {
		return edge{true, at.number, math.MaxUint64}, at.before.plus(at.at), err
	}
	tied := func(in window) (*histogram, error) {
		return s.tally(ctx, func(f seen) (uint64, bool) {
			return f.fingerprint.tie(), f.order == at.number && in.has(f.fingerprint.tie())
		})
	}
	ties, err := tied(window{0, math.MaxUint64})
	if err != nil {
		return edge{}, sum{}, err
	}
	last, err := find(excess-at.before.bytes, ties, tied)
	return edge{true, at.number, last.number}, at.before.plus(last.before).plus(last.at), err
}

// tally adds up the young files that number accepts. It walks again where there are too many to remember.
func (s *survey) tally(ctx context.Context, number func(seen) (uint64, bool)) (*histogram, error) {
	h := newHistogram()
	add := func(f seen) {
		if n, ok := number(f); ok {
			h.add(n, sum{1, f.bytes, f.fingerprint})
		}
	}
	if !s.many {
		for _, f := range s.seen {
			add(f)
		}
		return h, nil
	}
	_, err := s.folders.walk(ctx, func(one file) error {
		if s.rule.free(one) && !s.rule.aged(one) {
			add(seen{order: one.order(), bytes: one.Size, fingerprint: one.fingerprint()})
		}
		return nil
	})
	return h, err
}
