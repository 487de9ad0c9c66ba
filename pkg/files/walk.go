package files

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// maxDepth is how many folders a walk follows into each other. Each level holds a file descriptor and the names of the
// folders of one read, so that memory and descriptors depend on the depth and not on the number of files.
const maxDepth = 200

// maxWhy is how many of the skipped folders a walk remembers by name.
const maxWhy = 10

// Visit is what a walk calls.
type Visit struct {
	// File is called for each regular file, for one at a time. Its error ends the walk.
	File func(Entry) error
}

// Skipped is what a walk did not look into.
type Skipped struct {
	Folders int64    // could not be read, though this user may, or not to the end, or are too deep
	Mounts  int64    // belong to another file system, which is deliberate
	Why     []string // the first few, each with its reason
}

// Plus is what two walks did not look into.
func (s Skipped) Plus(o Skipped) Skipped {
	return Skipped{s.Folders + o.Folders, s.Mounts + o.Mounts, slices.Concat(s.Why, o.Why)}
}

func (s *Skipped) add(folder string, err error) {
	switch {
	case errors.Is(err, unix.EXDEV):
		s.Mounts++
		err = errors.New("another file system is mounted there")
	case errors.Is(err, unix.EACCES): // such as the trash of another user, in each run
		err = fmt.Errorf("%s may not read it, and what is in it counts for nothing; if it belongs to the application, %s",
			Reader(), ReadableRemedy)
	default:
		s.Folders++
	}
	if len(s.Why) < maxWhy {
		s.Why = append(s.Why, fmt.Sprintf("%s was left out: %v", folder, err))
	}
}

// lostAndFound is where a check of a file system puts what it found; it is at the top of a volume, only the superuser
// may read it, and a walk leaves it out.
const lostAndFound = "lost+found"

// Walk visits every regular file below the root, in no certain order. What disappears meanwhile is not visited; a
// listing that breaks off is in Skipped. A library marker ends the walk with an *UnsafeFolderError, so walk the whole
// root once before you change anything.
func (r *Root) Walk(ctx context.Context, v Visit) (Skipped, error) {
	return r.walk(ctx, func(c *pool) visitor { return &visiting{pool: c, visit: v} })
}

// visiting is one worker's part of a Walk. It collects what it saw and hands it over many at a time.
type visiting struct {
	pool    *pool
	visit   Visit
	entries []Entry
	names   []byte // the paths of entries, one after the other
	ends    []int  // of each, in names
}

func (v *visiting) wants(*folder, []byte) bool { return true }

func (v *visiting) file(f *folder, name []byte, st *unix.Statx_t) {
	if f.name != "" {
		v.names = append(append(v.names, f.name...), '/')
	}
	v.names = append(v.names, name...)
	v.ends, v.entries = append(v.ends, len(v.names)), append(v.entries, entryOfStatx(st, ""))
}

// flush visits what was collected. All paths are parts of one string.
func (v *visiting) flush(*folder) {
	names, from := string(v.names), 0
	v.pool.report(func() error {
		for i, e := range v.entries {
			e.Path, from = names[from:v.ends[i]], v.ends[i]
			if err := v.visit.File(e); err != nil {
				return err
			}
		}
		return nil
	})
	v.entries, v.names, v.ends = v.entries[:0], v.names[:0], v.ends[:0]
}

func (v *visiting) leave(*folder) {}
