package mongodb

import (
	"context"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"
)

// Part takes the documents that one cursor gives, beside other Parts. What Parts have in common they may only read in
// Each, and change in Merge. A Part that is alone may change it in Each.
type Part struct {
	// Each is called with one document after the other. The document is valid during the call only.
	Each func(bson.Raw) error
	// Merge adds what Each found since the last Merge to what the Parts have in common. No Each and no other Merge of any
	// Part runs meanwhile.
	Merge func() error
}

// ScanParts is Scan by as many cursors at once as the server and this machine bear, each in other ranges of _id. Each
// document is given to one Part. It is for whoever needs no order at all. A filter, a position or a server that is
// better read by one cursor make it one Part, which is alone.
func (r *Reader) ScanParts(ctx context.Context, collection string, o ScanOptions, newPart func(alone bool) Part) error {
	ranges := Ranges(nil, 1)
	if o.Filter == nil && o.After.IsStart() && o.UpTo.IsZero() && o.Visited == nil {
		var err error
		if ranges, err = r.Ranges(ctx, collection, maxRanges); err != nil {
			return err
		}
	}
	if len(ranges) == 1 {
		part := newPart(true)
		if err := r.Scan(ctx, collection, o, part.Each); err != nil {
			return err
		}
		return part.Merge()
	}
	if o.BatchSize == 0 {
		o.BatchSize = batchOfPart
	}
	s := &partsScan{reader: r, collection: collection, o: o.withDefaults(r.facts), newPart: newPart, ranges: make(chan Range, len(ranges))}
	for _, one := range ranges {
		s.ranges <- one
	}
	close(s.ranges)
	return s.run(ctx)
}

// batchOfPart is the documents that each of several cursors gets at a time.
const batchOfPart = 2000

// partsScan is a ScanParts of several ranges.
type partsScan struct {
	reader     *Reader
	collection string
	o          ScanOptions
	newPart    func(alone bool) Part
	ranges     chan Range // those that are left
	crew       *crew
	group      *errgroup.Group
	merging    sync.RWMutex // held for reading while documents are used
}

func (s *partsScan) run(ctx context.Context) error {
	s.crew = newCrew(time.Now(), func() int {
		return s.reader.conn.Throttle().Cursors(s.reader.facts.MaxCursors)
	})
	s.group, ctx = errgroup.WithContext(ctx)
	s.start(ctx)
	return s.group.Wait()
}

// start adds a cursor.
func (s *partsScan) start(ctx context.Context) {
	s.group.Go(func() error {
		part := s.newPart(false)
		for one := range s.ranges {
			if err := s.read(ctx, one, part); err != nil {
				return err
			}
			if err := s.merge(part); err != nil || !s.crew.goesOn() {
				return err
			}
		}
		return nil
	})
}

func (s *partsScan) read(ctx context.Context, one Range, part Part) error {
	o := s.o
	o.After, o.UpTo = one.After, one.UpTo
	return prefetch(ctx, maxBatchOfPart, func(ctx context.Context, p *pipe) error {
		return s.reader.fetchPages(ctx, s.collection, o, p)
	}, func(b *batch) error {
		if err := s.use(b, part); err != nil {
			return err
		}
		for range s.crew.took(time.Now(), b.len()) {
			s.start(ctx)
		}
		return nil
	})
}

func (s *partsScan) use(b *batch, part Part) error {
	s.merging.RLock()
	defer s.merging.RUnlock()
	if err := b.each(part.Each); err != nil {
		return err
	}
	s.o.used(b)
	return nil
}

func (s *partsScan) merge(part Part) error {
	s.merging.Lock()
	defer s.merging.Unlock()
	return part.Merge()
}
