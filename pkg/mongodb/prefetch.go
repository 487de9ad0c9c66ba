package mongodb

import "context"

// batches is how many there are of one scan: one that is used, one that waits, and one that is filled.
const batches = 3

// maxBatch is about how large a batch is: once the first is there, so many documents are asked for. One of several
// cursors has smaller ones.
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

// prefetch calls use with one batch of about so many bytes after the other, while fetch gets the next ones from the
// server. It returns when both have ended, with the error of use, which ends fetch, or else with that of fetch.
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
		b.reset()
		p.free <- b
	}
	return nil
}

// empty is the batch to fill next.
func (p *pipe) empty() *batch {
	if p.filling == nil {
		p.filling = <-p.free // there is one: only two can be in use or wait
	}
	return p.filling
}

// sizeAfter is how many documents make the next batch as large as one should be, at most most.
func (p *pipe) sizeAfter(b *batch, most int) int {
	return min(max(p.most*b.len()/len(b.bytes), 1), most)
}

// pass passes the batch on that was filled.
func (p *pipe) pass(ctx context.Context) error {
	select {
	case p.full <- p.filling:
		p.filling = nil
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
