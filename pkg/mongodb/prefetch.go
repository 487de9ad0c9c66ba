package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// batch is some documents in a memory of their own.
type batch struct {
	bytes []byte
	ends  []int
	at    Position // behind the last of them, in a scan by pages
}

func (b *batch) add(doc bson.Raw) {
	b.bytes = append(b.bytes, doc...)
	b.ends = append(b.ends, len(b.bytes))
}

func (b *batch) reset() { b.bytes, b.ends, b.at = b.bytes[:0], b.ends[:0], Position{} }

// each gives the documents to do, in order.
func (b *batch) each(do func(bson.Raw) error) error {
	from := 0
	for _, end := range b.ends {
		if err := do(b.bytes[from:end:end]); err != nil {
			return err
		}
		from = end
	}
	return nil
}

// batches is how many there are of one scan: one that is used, one that waits, and one that is filled.
const batches = 3

// maxBatch is how large a batch grows before it is passed on, though the server's own batch may be larger. One of
// several cursors has smaller ones.
const (
	maxBatch       = 4 << 20
	maxBatchOfPart = 1 << 20
)

// pipe leads batches from who fetches them to who uses them.
type pipe struct {
	full, free chan *batch
	filling    *batch
	most       int // bytes of a batch
}

// prefetch calls use with one batch of about so many bytes after the other, while fetch gets the next ones from the server. It returns when
// both have ended, with the error of use, which ends fetch, or else with that of fetch.
func prefetch(ctx context.Context, most int, fetch func(context.Context, *pipe) error, use func(*batch) error) error {
	p := &pipe{full: make(chan *batch, 1), free: make(chan *batch, batches), most: most}
	for range batches {
		p.free <- &batch{}
	}
	ctx, cancel := context.WithCancel(ctx)
	fetched := make(chan error, 1)
	go func() {
		defer close(p.full)
		fetched <- fetch(ctx, p)
	}()
	used := p.use(use)
	cancel() // where use ended early; else fetch has ended
	if err := <-fetched; used == nil {
		return err
	}
	return used
}

func (p *pipe) use(use func(*batch) error) error {
	for b := range p.full {
		if err := use(b); err != nil {
			return err
		}
		p.free <- b
	}
	return nil
}

// add has a document used with the next batch.
func (p *pipe) add(doc bson.Raw) {
	if p.filling == nil {
		p.filling = <-p.free // there is one: only two can be in use or wait
		p.filling.reset()
	}
	p.filling.add(doc)
}

// isFull tells that the batch should be passed on.
func (p *pipe) isFull() bool { return p.filling != nil && len(p.filling.bytes) >= p.most }

// pass passes the batch on, which ends at a position.
func (p *pipe) pass(ctx context.Context, at Position) error {
	if p.filling == nil {
		return nil
	}
	p.filling.at = at
	select {
	case p.full <- p.filling:
		p.filling = nil
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
