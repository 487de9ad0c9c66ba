package mongodb

import (
	"sync"
	"time"
)

// concurrency finds out how many cursors a server and this machine bear. It begins with one, and doubles them as long
// as that makes the documents come faster by a quarter at least. Where it does not, it goes back, and tries again some
// time later: what else a machine does may hide what a cursor is worth.
type concurrency struct {
	most func() int // cursors at this moment

	mu      sync.Mutex
	size    int       // cursors that should read
	working int       // cursors that do
	rests   time.Time // until when the size stays
	pause   time.Duration

	// since the size last changed, or it last rested
	began     time.Time
	batches   int
	documents int
	before    float64 // documents a second with half the size; 0: not known
}

const (
	// measured is how long the cursors are watched at least before their number changes, and batchesOfEach in how many
	// batches of each cursor.
	measured      = 100 * time.Millisecond
	batchesOfEach = 2
	// worthwhile is how much faster twice the cursors must be.
	worthwhile = 1.25
	// firstPause is how long the number stays after more were not worth it; it doubles each time.
	firstPause = 2 * time.Second
)

func newConcurrency(now time.Time, most func() int) *concurrency {
	return &concurrency{most: most, size: 1, working: 1, began: now, pause: firstPause}
}

// took notes a batch that was used, and returns how many cursors to add.
func (c *concurrency) took(now time.Time, documents int) (more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.rests) {
		c.measure(now)
		return 0
	}
	c.batches, c.documents = c.batches+1, c.documents+documents
	passed := now.Sub(c.began)
	if passed < measured || c.batches < batchesOfEach*c.size {
		return 0
	}
	defer c.measure(now)
	rate := float64(c.documents) / passed.Seconds()
	switch {
	case rate < worthwhile*c.before:
		c.size, c.before = c.size/2, 0
		c.rests, c.pause = now.Add(c.pause), 2*c.pause
		return 0
	case 2*c.size > c.most():
		c.before = 0
		return 0
	}
	c.before, c.size = rate, 2*c.size
	more = max(c.size-c.working, 0)
	c.working += more
	return more
}

// measure begins to measure.
func (c *concurrency) measure(now time.Time) { c.began, c.batches, c.documents = now, 0, 0 }

// goesOn tells whether a cursor at the end of its range should read another. One that should not is counted no
// more.
func (c *concurrency) goesOn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size = max(min(c.size, c.most()), 1)
	if c.working > c.size {
		c.working--
		return false
	}
	return true
}
