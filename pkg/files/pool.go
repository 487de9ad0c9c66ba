package files

import (
	"context"
	"path"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/pathhash"
)

// workers is how many workers a walk has unless its Root says otherwise. On a disk in memory as many are at work as
// there are processors; on one that takes its time, most wait for it.
const workers = 16

// pool is the workers of one walk and what they share. A worker follows the folders that it meets itself, deep before
// wide, and leaves some to those that have nothing to do.
type pool struct {
	root *Root
	ctx  context.Context
	room int // how many pieces of work may wait

	mu      sync.Mutex
	wake    sync.Cond
	waiting []piece // the newest last
	busy    int     // workers that may still bring work
	idle    int     // workers that wait
	skipped Skipped

	reports sync.Mutex // held while what was found is reported
	err     error      // the first; guarded by reports
	deaf    bool       // nothing is reported any more; likewise
	stopped atomic.Bool
}

// folder is a folder that a walk has come to.
type folder struct {
	parent *folder // nil for the root
	fd     int     // -1 while it is not open
	base   string
	name   string        // relative to the root; empty for the root
	hash   pathhash.Hash // of what the path of each name in it begins with
	depth  int
	open   int         // pieces of work and folders in it that are not done; guarded by pool.mu
	took   atomic.Bool // something in it was removed
}

// below is the path of a name in the folder, relative to the root.
func (f *folder) below(name []byte) string {
	if f.name == "" {
		return string(name)
	}
	return f.name + "/" + string(name)
}

// piece is work for one worker: a folder to open and read, or names of one that is open.
type piece struct {
	folder  *folder
	records []byte // nil: the folder is to be read
}

// visitor is what one worker does with what it finds.
type visitor interface {
	// wants tells whether a name, which is that of a regular file, is to be looked at.
	wants(f *folder, name []byte) bool
	// file is called for each regular file. A NUL follows the name, which lies in a buffer that is used again.
	file(f *folder, name []byte, st *unix.Statx_t)
	// flush is called from time to time: what the visitor holds of files in f has to go out.
	flush(f *folder)
	// leave is called when all in a folder, which is not open any more, is done.
	leave(f *folder)
}

// walk lets the workers of a root do with each file what their visitors do.
func (r *Root) walk(ctx context.Context, newVisitor func(*pool) visitor) (Skipped, error) {
	n := r.Workers
	if n <= 0 {
		n = workers
	}
	c := &pool{root: r, ctx: ctx, room: 2 * (n - 1)}
	c.wake.L = &c.mu
	top := &folder{fd: -1, open: 1, hash: pathhash.Start}
	var err error
	if top.fd, err = openBeneath(r.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY); err != nil {
		return c.skipped, r.failed("open", ".", err)
	}
	c.waiting = []piece{{folder: top}}
	var all sync.WaitGroup
	for range n {
		all.Go(func() { c.work(newVisitor(c)) })
	}
	all.Wait()
	return c.skipped, c.err
}

func (c *pool) work(h visitor) {
	w := worker{pool: c, visitor: h, buffer: make([]byte, namesBuffer)}
	for {
		p, ok := c.next()
		if !ok {
			return
		}
		w.do(p)
		c.rest()
	}
}

// next is a piece of work; false once there will be none.
func (c *pool) next() (p piece, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.idle++; len(c.waiting) == 0 && c.busy > 0; {
		c.wake.Wait()
	}
	c.idle--
	last := len(c.waiting) - 1
	if last < 0 {
		c.wake.Broadcast()
		return p, false
	}
	p, c.waiting = c.waiting[last], c.waiting[:last]
	c.busy++
	return p, true
}

// rest says that a worker's piece of work is done.
func (c *pool) rest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy--; c.busy == 0 {
		c.wake.Broadcast()
	}
}

// shareFolder leaves a folder to another worker; false where enough of them wait already.
func (c *pool) shareFolder(f *folder) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) >= c.room {
		return false
	}
	c.waiting = append(c.waiting, piece{folder: f})
	c.wake.Signal()
	return true
}

// shareNames leaves names in an open folder to another worker; false where nobody has nothing to do. The records are
// copied.
func (c *pool) shareNames(f *folder, records []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) >= c.idle {
		return false
	}
	f.open++
	c.waiting = append(c.waiting, piece{f, slices.Clone(records)})
	c.wake.Signal()
	return true
}

// enter is a folder in f that is to be done, by whomever.
func (c *pool) enter(f *folder, base, name string) *folder {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.open++
	hash := pathhash.With(pathhash.With(f.hash, base), "/")
	return &folder{parent: f, fd: -1, base: base, name: name, hash: hash, depth: f.depth + 1, open: 1}
}

// done says that a piece of work of a folder is done. With the last one the folder is closed and left, and then
// perhaps the one that it is in.
func (c *pool) done(f *folder, h visitor) {
	for ; f != nil; f = f.parent {
		c.mu.Lock()
		f.open--
		last := f.open == 0
		c.mu.Unlock()
		if !last {
			return
		}
		if f.fd >= 0 {
			_ = unix.Close(f.fd) // it was only read
		}
		h.leave(f)
	}
}

func (c *pool) skip(name string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skipped.add(path.Join(c.root.path, name), err)
}

// report calls do, for one worker at a time. Its first error ends the walk, and nothing is reported after it.
func (c *pool) report(do func() error) {
	c.reports.Lock()
	defer c.reports.Unlock()
	if c.deaf {
		return
	}
	if err := do(); err != nil {
		c.err, c.deaf = err, true
		c.stopped.Store(true)
	}
}

// stop ends the walk. What was done until now is still reported.
func (c *pool) stop(err error) {
	c.stopped.Store(true)
	c.reports.Lock()
	defer c.reports.Unlock()
	if c.err == nil {
		c.err = err
	}
}

// ended tells whether the walk is to end, which it also is once the context ends.
func (c *pool) ended() bool {
	if c.stopped.Load() {
		return true
	}
	if c.ctx.Err() == nil {
		return false
	}
	c.stop(context.Cause(c.ctx))
	return true
}
