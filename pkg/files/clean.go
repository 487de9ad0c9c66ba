package files

import (
	"context"
	"errors"
	"path"

	"golang.org/x/sys/unix"
)

// Cleaning says what Clean removes.
type Cleaning struct {
	// Goes tells whether a file is to be deleted. Several workers call it at once.
	Goes func(Entry) bool
	// Deleted is told of each file that goes and of each folder that could not be removed, one at a time: nil where
	// the file was deleted, fs.ErrNotExist where it was gone, ErrChanged where it was left alone.
	Deleted func(Entry, error)
}

// Clean walks as Walk does and deletes files as they are met: each is looked at, judged and removed in one go, so that
// between the look and the removal lies nothing but the judgement. Then it removes the folders that this emptied.
//
// It deletes through the open folder. That this folder is still in the root under its name is made sure of before the
// first removal in it and again after each stillThere; one that was moved meanwhile is left alone from there on.
func (r *Root) Clean(ctx context.Context, c Cleaning) (Skipped, error) {
	return r.walk(ctx, func(w *crew) hand { return &cleaner{crew: w, cleaning: c} })
}

// stillThere is how many removals a look at the folder's place is good for.
const stillThere = 32

// cleaner is one worker's part of a Clean.
type cleaner struct {
	crew     *crew
	cleaning Cleaning
	results  []result
	folder   *folder // the one whose place was looked at last
	good     int     // removals for which that look is still good
}

type result struct {
	entry Entry
	err   error
}

func (c *cleaner) file(f *folder, name []byte, st *unix.Statx_t) {
	e := entryOfStatx(st, path.Join(f.name, string(name)))
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
		return c.crew.root.failed("delete", e.Path, err)
	}
	f.took.Store(true)
	return nil
}

// inPlace is ErrChanged unless an open folder is the one that its name leads to from the root.
func (c *cleaner) inPlace(f *folder) error {
	if c.folder == f && c.good > 0 {
		c.good--
		return nil
	}
	c.folder, c.good = f, 0
	named, err := openBeneath(c.crew.root.fd, path.Join(".", f.name), unix.O_PATH|unix.O_DIRECTORY)
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
	c.good = stillThere - 1
	return nil
}

func sameFile(a, b int) (bool, error) {
	var x, y unix.Stat_t
	err := errors.Join(unix.Fstat(a, &x), unix.Fstat(b, &y))
	return x.Dev == y.Dev && x.Ino == y.Ino, err
}

func (c *cleaner) flush(*folder) {
	c.crew.report(func() error {
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
	removed, err := c.crew.root.RemoveEmpty(f.name)
	if removed {
		f.parent.took.Store(true)
	}
	if err != nil {
		c.results = append(c.results, result{Entry{Path: f.name}, err})
		c.flush(f)
	}
}
