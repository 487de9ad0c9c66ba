package files

import (
	"bytes"
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/pathhash"
)

// Cleaning says what Clean removes.
type Cleaning struct {
	// Among are the names that are looked at; nil: all are. A look at each file is most of what a Clean costs.
	Among *Names
	// Goes tells whether a file is to be deleted. Several workers call it at once.
	Goes func(Entry) bool
	// Deleted is told of each file that goes and of each folder that could not be removed, one at a time: nil where
	// the file was deleted, fs.ErrNotExist where it was gone, ErrChanged where it was left alone.
	Deleted func(Entry, error)
}

// Clean walks as Walk does and deletes files as they are met: each is looked at, judged and removed in one go, so that
// between the look and the removal lies nothing but the judgement. Then it removes the folders that this emptied.
//
// It deletes through the open folder. That this folder is still in the root, as deep as it was, is made sure of before
// each removal, and that it still has its name, with nothing mounted on the way, before the first and each 32nd. A
// folder of which one is not so is left alone from there on.
func (r *Root) Clean(ctx context.Context, c Cleaning) (Skipped, error) {
	top, err := placeAbove(r.fd, []byte(".\x00"), &unix.Statx_t{})
	if err != nil {
		return Skipped{}, r.failed("look at", ".", err)
	}
	return r.walk(ctx, func(w *pool) visitor { return &cleaner{pool: w, cleaning: c, top: top} })
}

// cleaner is one worker's part of a Clean.
type cleaner struct {
	pool     *pool
	cleaning Cleaning
	top      inode // of the root
	results  []result

	at      *folder // the folder of the last removal
	above   []byte  // the way from there to the root, and a NUL
	removed int     // how many there were
	look    unix.Statx_t
}

type result struct {
	entry Entry
	err   error
}

func (c *cleaner) wants(f *folder, name []byte) bool {
	return c.cleaning.Among == nil || c.cleaning.Among.has(pathhash.With(f.hash, name))
}

func (c *cleaner) file(f *folder, name []byte, st *unix.Statx_t) {
	e := entryOfStatx(st, f.below(name))
	if c.cleaning.Goes(e) {
		c.results = append(c.results, result{e, c.remove(f, name, e)})
	}
}

func (c *cleaner) remove(f *folder, name []byte, e Entry) error {
	err := c.inPlace(f)
	if err == nil {
		err = unlink(f.fd, name)
	}
	if err != nil {
		return c.pool.root.failed("delete", e.Path, err)
	}
	f.took.Store(true)
	return nil
}

// namedEach is after how many removals in a folder its name is looked at again.
const namedEach = 32

// inPlace is ErrChanged unless an open folder is in the root and, as far as was looked, under its name.
func (c *cleaner) inPlace(f *folder) error {
	if f.depth == 0 {
		return nil // it is the root
	}
	if c.at != f {
		c.at, c.above, c.removed = f, append(bytes.Repeat([]byte("../"), f.depth), 0), 0
	}
	if c.removed%namedEach == 0 {
		if err := c.named(f); err != nil {
			return err
		}
	}
	switch above, err := placeAbove(f.fd, c.above, &c.look); {
	case err != nil:
		return err
	case above != c.top:
		return ErrChanged
	}
	c.removed++
	return nil
}

// named is ErrChanged unless an open folder is the one that its name leads to from the root.
func (c *cleaner) named(f *folder) error {
	named, err := openBeneath(c.pool.root.fd, f.name, unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer unix.Close(named)
	switch same, err := sameFile(named, f.fd); {
	case err != nil:
		return err
	case !same:
		return ErrChanged
	}
	return nil
}

func sameFile(a, b int) (bool, error) {
	var x, y unix.Stat_t
	err := errors.Join(unix.Fstat(a, &x), unix.Fstat(b, &y))
	return x.Dev == y.Dev && x.Ino == y.Ino, err
}

func (c *cleaner) flush(*folder) {
	c.pool.report(func() error {
		for _, r := range c.results {
			c.cleaning.Deleted(r.entry, r.err)
		}
		return nil
	})
	c.results = c.results[:0]
}

// leave removes a folder if something in it was removed and nothing is left, which the folder that it is in then also
// counts as a removal.
func (c *cleaner) leave(f *folder) {
	if f.parent == nil || !f.took.Load() {
		return
	}
	removed, err := c.pool.root.RemoveEmpty(f.name)
	if removed {
		f.parent.took.Store(true)
	}
	if err != nil {
		c.results = append(c.results, result{Entry{Path: f.name}, err})
		c.flush(f)
	}
}
