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
		if ranges, err = r.Ranges(ctx, collection, MaxRanges); err != nil {
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
	left := make(chan Range, len(ranges))
	for _, one := range ranges {
		left <- one
	}
	close(left)
	s := r.partsScan(collection, o)
	s.begin = func() nextRange { return s.reuse(newPart(false), left) }
	return s.run(ctx)
}

// RangeWork is one range to read, and what is done with its documents.
type RangeWork struct {
	Range
	// Each is called with one document of the range after the other. The document is valid during the call only.
	Each func(bson.Raw) error
	// Done is called after the last one.
	Done func(context.Context) error
}

// ScanRanges is Scan of the ranges that next gives, by as many cursors at once as the server and this machine bear,
// until next gives none. Several goroutines call next. What the works have in common is for the caller to guard.
func (r *Reader) ScanRanges(
	ctx context.Context, collection string, o ScanOptions, next func(context.Context) (*RangeWork, error),
) error {
	s := r.partsScan(collection, o)
	s.begin = func() nextRange { return next }
	return s.run(ctx)
}

// batchOfPart is the documents that each of several cursors gets at a time.
const batchOfPart = 2000

// nextRange is the next range that one cursor reads; nil: there is none.
type nextRange = func(context.Context) (*RangeWork, error)

// partsScan is a scan of several ranges.
type partsScan struct {
	reader      *Reader
	collection  string
	o           ScanOptions
	begin       func() nextRange // for another cursor
	concurrency *concurrency
	group       *errgroup.Group
	merging     sync.RWMutex // held for reading while documents are used
}

func (r *Reader) partsScan(collection string, o ScanOptions) *partsScan {
	if o.BatchSize == 0 {
		o.BatchSize = batchOfPart
	}
	return &partsScan{reader: r, collection: collection, o: o.withDefaults(r.facts)}
}

// reuse gives the ranges that are left to one Part, one after the other.
func (s *partsScan) reuse(part Part, left <-chan Range) nextRange {
	return func(context.Context) (*RangeWork, error) {
		one, ok := <-left
		if !ok {
			return nil, nil
		}
		return &RangeWork{Range: one, Each: part.Each, Done: func(context.Context) error { return s.merge(part) }}, nil
	}
}

func (s *partsScan) run(ctx context.Context) error {
	s.concurrency = newConcurrency(time.Now(), func() int {
		return s.reader.conn.Throttle().Cursors(s.reader.facts.MaxCursors)
	})
	s.group, ctx = errgroup.WithContext(ctx)
	s.start(ctx)
	return s.group.Wait()
}

// start adds a cursor.
func (s *partsScan) start(ctx context.Context) {
	s.group.Go(func() error {
		for next := s.begin(); ; {
			work, err := next(ctx)
			if err != nil || work == nil {
				return err
			}
			if err := s.read(ctx, work); err != nil {
				return err
			}
			if err := work.Done(ctx); err != nil || !s.concurrency.goesOn() {
				return err
			}
		}
	})
}

func (s *partsScan) read(ctx context.Context, work *RangeWork) error {
	o := s.o
	o.After, o.UpTo = work.After, work.UpTo
	fetch := s.reader.fetchPages
	if o.After.IsStart() && o.UpTo.IsZero() && !s.reader.facts.PageByID {
		fetch = s.reader.fetchAll
	}
	return prefetch(ctx, maxBatchOfPart, func(ctx context.Context, p *pipe) error {
		return fetch(ctx, s.collection, o, p)
	}, func(b *batch) error {
		if err := s.use(b, work.Each); err != nil {
			return err
		}
		for range s.concurrency.took(time.Now(), b.len()) {
			s.start(ctx)
		}
		return nil
	})
}

func (s *partsScan) use(b *batch, each func(bson.Raw) error) error {
	s.merging.RLock()
	defer s.merging.RUnlock()
	if err := b.each(each); err != nil {
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
