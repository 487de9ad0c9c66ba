package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// Limits of a walk: each level of folders holds a file descriptor and one batch of names, so that memory and
// descriptors depend on the depth and not on the number of files.
const (
	maxDepth  = 200
	nameBatch = 512
)

// maxWhy is how many of the skipped folders a walk remembers by name.
const maxWhy = 10

// Visit is what a walk calls. An error of either ends the walk.
type Visit struct {
	File func(Entry) error
	// Leave, if set, is called for each folder but the root after all in it was visited.
	Leave func(folder string) error
}

// Skipped is what a walk did not look into.
type Skipped struct {
	Folders int64    // could not be read, or not to the end, or are too deep
	Mounts  int64    // belong to another file system, which is deliberate
	Why     []string // the first few, each with its reason
}

func (s *Skipped) add(folder string, err error) {
	if errors.Is(err, unix.EXDEV) {
		s.Mounts++
		err = errors.New("another file system is mounted there")
	} else {
		s.Folders++
	}
	if len(s.Why) < maxWhy {
		s.Why = append(s.Why, fmt.Sprintf("%s was left out: %v", folder, err))
	}
}

// lostAndFound is where a check of a file system puts what it found; it is at the top of a volume, only the superuser
// may read it, and a walk leaves it out.
const lostAndFound = "lost+found"

// Walk visits every regular file below the root, in no certain order. Deleting visited files while it goes on is
// safe. What disappears meanwhile is not visited; a listing that breaks off is in Skipped. A library marker ends the
// walk with an *UnsafeFolderError, so walk the whole root once before you change anything.
func (r *Root) Walk(ctx context.Context, v Visit) (Skipped, error) {
	w := walk{root: r, visit: v}
	fd, err := openBeneath(r.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return w.skipped, r.failed("open", ".", err)
	}
	err = w.folder(ctx, fd, "", 0)
	return w.skipped, err
}

type walk struct {
	root    *Root
	visit   Visit
	skipped Skipped
}

// folder visits all in an open folder, and closes it.
func (w *walk) folder(ctx context.Context, fd int, name string, depth int) error {
	f := os.NewFile(uintptr(fd), w.full(name))
	defer f.Close()
	for {
		names, err := f.Readdirnames(nameBatch)
		for _, base := range names {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := w.one(ctx, fd, base, path.Join(name, base), depth); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			w.skipped.add(w.full(name), err)
			return nil
		}
	}
}

// one visits one name in an open folder.
func (w *walk) one(ctx context.Context, dir int, base, name string, depth int) error {
	if depth == 0 && base == lostAndFound {
		return nil
	}
	var st unix.Stat_t
	if err := unix.Fstatat(dir, base, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		if !errors.Is(err, unix.ENOENT) {
			w.skipped.add(w.full(name), err)
		}
		return nil
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		if base == Marker {
			return w.root.holdsMarked(name)
		}
		return w.visit.File(entryOf(st, name))
	case unix.S_IFDIR:
		return w.below(ctx, dir, base, name, depth+1)
	}
	return nil
}

func (w *walk) below(ctx context.Context, dir int, base, name string, depth int) error {
	if depth > maxDepth {
		w.skipped.add(w.full(name), fmt.Errorf("it is more than %d folders deep", maxDepth))
		return nil
	}
	fd, err := openBeneath(dir, base, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		if !errors.Is(err, unix.ENOENT) {
			w.skipped.add(w.full(name), err)
		}
		return nil
	}
	if err := w.folder(ctx, fd, name, depth); err != nil || w.visit.Leave == nil {
		return err
	}
	return w.visit.Leave(name)
}

func (w *walk) full(name string) string { return path.Join(w.root.path, name) }
