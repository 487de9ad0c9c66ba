package sharing

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// Scan is one collection that the processes of a run read together.
type Scan struct {
	// Collection is the one that is read.
	Collection string

	team   *Team
	name   string
	ranges []mongodb.Range
	shares *stores.Shares
	ready  func(context.Context) (bool, error) // whether ranges may be read now

	claiming sync.Mutex
	free     map[int]int // ranges, as the last look found them, and the generation of the next claim on each

	mu   sync.Mutex
	read map[int]bool // ranges that this process has read itself
	sum  Helped
}

// Helped is what a process has read.
type Helped struct {
	Ranges    int
	Documents int64
}

// Open begins a scan that has a name in its run, or goes on with one that a former leader began. A scan of which
// nothing of the past may be used needs a new name. It is for the leader.
func (t *Team) Open(ctx context.Context, name, collection string) (*Scan, error) {
	shares := t.shares()
	plan, there, err := shares.Plan(ctx, name)
	if err == nil && !there {
		plan, err = t.cut(ctx, name, collection)
	}
	if err == nil {
		err = shares.Announce(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	return t.scan(name, plan, func(context.Context) (bool, error) { return true, nil }), nil
}

// cut stores the ranges of a collection.
func (t *Team) cut(ctx context.Context, name, collection string) (plan stores.SharePlan, err error) {
	plan.Collection = collection
	if plan.Ranges, err = t.DB.Ranges(ctx, collection, mongodb.MaxRanges); err != nil {
		return plan, err
	}
	return plan, t.shares().SavePlan(ctx, name, plan)
}

func (t *Team) scan(name string, plan stores.SharePlan, ready func(context.Context) (bool, error)) *Scan {
	return &Scan{Collection: plan.Collection, team: t, name: name, ranges: plan.Ranges, shares: t.shares(), ready: ready,
		read: map[int]bool{}}
}

// Read reads ranges until all have been read by somebody, and gives absorb what was found in each of them, once: the
// number of its documents, and the chunks. No document is being read meanwhile. It is for the leader.
func (s *Scan) Read(
	ctx context.Context, o mongodb.ScanOptions, newPart func() Part, absorb func(documents int64, chunks Chunks) error,
) error {
	absorbed := map[int]bool{}
	for {
		if err := s.work(ctx, o, newPart); err != nil {
			return err
		}
		done, err := s.shares.Done(ctx, s.name)
		if err != nil {
			return err
		}
		for _, d := range done {
			if absorbed[d.Range] {
				continue
			}
			if err := s.absorb(ctx, d, o, absorb); err != nil {
				return err
			}
			absorbed[d.Range] = true
		}
		if len(absorbed) == len(s.ranges) {
			return nil
		}
		if err := s.team.wait(ctx); err != nil {
			return err
		}
	}
}

// Chunks gives the chunks of one range, in order.
type Chunks func(each func([]byte) error) error

func (s *Scan) absorb(
	ctx context.Context, d stores.ShareDone, o mongodb.ScanOptions, absorb func(int64, Chunks) error,
) error {
	if !s.isRead(d.Range) && o.Used != nil {
		o.Used(d.Documents)
	}
	return absorb(d.Documents, func(each func([]byte) error) error { return s.shares.Chunks(ctx, s.name, d, each) })
}

// work reads ranges as long as there is one that nobody reads.
func (s *Scan) work(ctx context.Context, o mongodb.ScanOptions, newPart func() Part) error {
	return s.team.DB.ScanRanges(ctx, s.Collection, o, func(ctx context.Context) (*mongodb.RangeWork, error) {
		claim, err := s.claim(ctx)
		if err != nil || claim == nil {
			return nil, err
		}
		return s.rangeWork(ctx, *claim, newPart()), nil
	})
}

// rangeWork reads one range with a claim on it, which is renewed meanwhile.
func (s *Scan) rangeWork(ctx context.Context, claim stores.ShareClaim, part Part) *mongodb.RangeWork {
	renewing, stop := context.WithCancel(ctx)
	go s.renew(renewing, claim)
	documents := int64(0)
	return &mongodb.RangeWork{
		Range: s.ranges[claim.Range],
		Each: func(doc bson.Raw) error {
			documents++
			return part.Each(doc)
		},
		Done: func(ctx context.Context) error {
			defer stop()
			return s.finish(ctx, claim, documents, part)
		},
	}
}

// finish stores what was found in a range, and then that it is there.
func (s *Scan) finish(ctx context.Context, claim stores.ShareClaim, documents int64, part Part) error {
	chunks := 0
	err := part.Encode(func(chunk []byte) error {
		chunks++
		return s.shares.SaveChunk(ctx, s.name, claim, chunks-1, chunk)
	})
	if err == nil {
		err = s.shares.Finish(ctx, s.name, claim, chunks, documents)
	}
	if err != nil {
		return fmt.Errorf("store what was found in a range of %s: %w", s.Collection, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read[claim.Range] = true
	s.sum.Ranges, s.sum.Documents = s.sum.Ranges+1, s.sum.Documents+documents
	return nil
}

func (s *Scan) isRead(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read[n]
}

// renew keeps a claim until its context ends. A claim that cannot be renewed may be taken over, which does no harm.
func (s *Scan) renew(ctx context.Context, claim stores.ShareClaim) {
	tick := time.NewTicker(s.team.claimFor() / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, err := s.team.DB.Time(ctx)
		if err == nil {
			err = s.shares.Renew(ctx, claim, now.Add(s.team.claimFor()))
		}
		if err != nil && ctx.Err() == nil {
			s.team.Log.Debug("renew a claim", "range", claim.Range, "error", err)
		}
	}
}
