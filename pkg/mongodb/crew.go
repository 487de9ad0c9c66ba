package mongodb

import (
	"sync"
	"time"
)

// crew finds out how many cursors a server and this machine bear. It begins with one, and doubles them as long as that
// makes the documents come faster by a quarter at least.
type crew struct {
	most func() int // cursors at this moment

	mu      sync.Mutex
	size    int // cursors that should read
	working int // cursors that do
	settled bool

	// since the size last changed
	began     time.Time
	batches   int
	documents int
	before    float64 // documents a second with half the size; 0: not known
}

const (
	// measured is how long a crew is watched at least before its size changes, and batchesOfEach in how many batches of
	// each cursor.
	measured      = 100 * time.Millisecond
	batchesOfEach = 2
	// worthwhile is how much faster twice the cursors must be.
	worthwhile = 1.25
)

func newCrew(now time.Time, most func() int) *crew {
	return &crew{most: most, size: 1, working: 1, began: now}
}

// took notes a batch that was used, and returns how many cursors to add.
func (c *crew) took(now time.Time, documents int) (more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batches, c.documents = c.batches+1, c.documents+documents
	passed := now.Sub(c.began)
	if c.settled || passed < measured || c.batches < batchesOfEach*c.size {
		return 0
	}
	rate := float64(c.documents) / passed.Seconds()
	switch {
	case rate < worthwhile*c.before:
		c.settled, c.size = true, c.size/2
		return 0
	case 2*c.size > c.most():
		c.settled = true
		return 0
	}
	c.before, c.size = rate, 2*c.size
	c.began, c.batches, c.documents = now, 0, 0
	more = c.size - c.working
	c.working = c.size
	return more
}

// goesOn tells whether a cursor at the end of its range should read another. One that should not is none of the crew any
// more.
func (c *crew) goesOn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.working > max(min(c.size, c.most()), 1) {
		c.working--
		return false
	}
	return true
}
