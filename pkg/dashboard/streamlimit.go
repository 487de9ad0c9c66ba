package dashboard

import "sync"

// mostStreams is how many streams a visitor may have open at once. A thousand take some 130 MB, half of what the pod
// may have.
const mostStreams = 100

// streamCount counts the open streams of each visitor.
type streamCount struct {
	mu   sync.Mutex
	open map[string]int // by the visitor's key
}

func newStreamCount() *streamCount { return &streamCount{open: map[string]int{}} }

// enter counts one more, until leave is called, or refuses it.
func (c *streamCount) enter(visitor string) (leave func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[visitor] >= mostStreams {
		return nil, errStreams
	}
	c.open[visitor]++
	return func() { c.leave(visitor) }, nil
}

func (c *streamCount) leave(visitor string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[visitor]--; c.open[visitor] == 0 {
		delete(c.open, visitor)
	}
}
