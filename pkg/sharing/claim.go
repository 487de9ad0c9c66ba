package sharing

import (
	"context"
	"time"

	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// claim takes a range that nobody has read and nobody reads; nil: there is none at present.
//
// What is free is looked up once for all of it: a range that another process has claimed since cannot be claimed again.
func (s *Scan) claim(ctx context.Context) (*stores.ShareClaim, error) {
	if ready, err := s.ready(ctx); err != nil || !ready {
		return nil, err
	}
	s.claiming.Lock()
	defer s.claiming.Unlock()
	now, err := s.team.DB.Time(ctx)
	if err != nil {
		return nil, err
	}
	if len(s.free) == 0 {
		if s.free, err = s.lookUp(ctx, now); err != nil {
			return nil, err
		}
	}
	for len(s.free) > 0 {
		n := s.first(s.free)
		claim := stores.ShareClaim{Range: n, Generation: s.free[n], Holder: s.team.Name, Until: now.Add(s.team.claimFor())}
		delete(s.free, n)
		claim, ours, err := s.shares.Claim(ctx, s.name, claim)
		switch {
		case err != nil:
			return nil, err
		case ours:
			return &claim, nil
		}
	}
	return nil, nil
}

// lookUp is the ranges to read, each with the generation that the next claim on it has.
func (s *Scan) lookUp(ctx context.Context, now time.Time) (map[int]int, error) {
	claims, err := s.shares.Claims(ctx, s.name)
	if err != nil {
		return nil, err
	}
	done, err := s.shares.Done(ctx, s.name)
	if err != nil {
		return nil, err
	}
	return freeRanges(len(s.ranges), claims, done, now), nil
}

// freeRanges are, of n ranges, those that were not read and on which there is no claim at now, each with the generation
// that the next claim on it has.
func freeRanges(n int, claims []stores.ShareClaim, done []stores.ShareDone, now time.Time) map[int]int {
	generations := map[int]int{}
	for i := range n {
		generations[i] = 1
	}
	claimed := map[int]bool{}
	for _, c := range claims {
		generations[c.Range] = max(generations[c.Range], c.Generation+1)
		claimed[c.Range] = claimed[c.Range] || c.Until.After(now)
	}
	for _, d := range done {
		claimed[d.Range] = true
	}
	for i := range claimed {
		if claimed[i] {
			delete(generations, i)
		}
	}
	return generations
}

// first is which of the free ranges to claim: each process begins at another place, so that they rarely want the same.
func (s *Scan) first(free map[int]int) int {
	n := s.team.Index * len(s.ranges) / max(s.team.Size, 1)
	for ; ; n++ {
		if _, ok := free[n%len(s.ranges)]; ok {
			return n % len(s.ranges)
		}
	}
}
