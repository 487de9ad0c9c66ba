package roots

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Index is what one walk through a root found, in 8 bytes for each name. It holds hashes instead of names: where two fall
// together, a missing file looks alive, or a folder that could not be listed looks listed; so whoever deletes looks again with
// Look, which compares names.
type Index struct {
	tree    Tree
	seed    maphash.Seed
	names   hashes // of everything that was seen
	listed  hashes // of the folders that were listed completely
	unknown map[uint64]struct{}
	// Mounts are the mount points that were met.
	Mounts []string
	// Why says of the first few folders that could not be listed why not.
	Why []string
}

// maxWhy is how many folders Why names.
const maxWhy = 5

// Build walks through a root. It calls walked with the number of names in each folder. Folders that cannot be listed are no error.
func Build(ctx context.Context, t Tree, walked func(names int)) (*Index, error) {
	x := &Index{tree: t, seed: maphash.MakeSeed(), unknown: map[uint64]struct{}{}}
	pending := []string{"."}
	for len(pending) > 0 {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		folder := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		before := len(x.names)
		below, err := x.walk(folder)
		if err != nil {
			x.cannot(folder, err)
		}
		pending = append(pending, below...)
		walked(len(x.names) - before)
	}
	x.names, x.listed = x.names.sorted(), x.listed.sorted()
	return x, nil
}

// walk notes what is in a folder, and returns the folders in it. Below one that could not be listed nothing is judged.
func (x *Index) walk(folder string) (below []string, err error) {
	err = x.tree.list(folder, func(name string, isFolder bool) {
		full := path.Join(folder, name)
		x.names = append(x.names, x.hash(x.tree.of(full)))
		if isFolder {
			below = append(below, full)
		}
	})
	switch {
	case folder != "." && isNoFolder(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	x.listed = append(x.listed, x.hash(x.tree.of(folder)))
	slices.Sort(below)
	return slices.Compact(below), nil // a second try gives names twice
}

// isNoFolder tells whether an error means that a name is no folder: a file or a link, of which some file systems tell so only when
// one tries, or one that has just gone. Nothing is listed then; it matters only if records say that files lie in it.
func isNoFolder(err error) bool {
	return errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENOENT)
}

func (x *Index) cannot(folder string, err error) {
	var failed *fs.PathError
	switch {
	case errors.Is(err, syscall.EXDEV):
		if utf8.ValidString(folder) { // below any other no record can lie, and no database takes its name
			x.Mounts = append(x.Mounts, folder)
		}
		err = errors.New("another file system is mounted there; give it as a --library-root of its own")
	case errors.As(err, &failed):
		err = failed.Err // the path is said already, and may hold anything
	}
	x.note(folder, err.Error())
}

func (x *Index) note(folder, why string) {
	h := x.hash(x.tree.of(folder))
	if _, known := x.unknown[h]; known {
		return
	}
	x.unknown[h] = struct{}{}
	if len(x.Why) < maxWhy {
		x.Why = append(x.Why, fmt.Sprintf("%q could not be listed: %s", folder, why))
	}
}

// Judge is the verdict on a file, by its path relative to the root.
func (x *Index) Judge(file string) Verdict {
	file = x.tree.of(file)
	if x.names.has(x.hash(file)) {
		return Alive
	}
	if m := x.tree.mountOf(file); m != "" {
		x.note(m, "it is or was a mount point; if no disk belongs there any more, remove it from mounts in the root's document in maintenance_roots")
		return Unknown
	}
	if !x.Listed() {
		return Unknown
	}
	for end := 0; ; end++ {
		slash := strings.IndexByte(file[end:], '/')
		if slash < 0 {
			return Missing
		}
		end += slash
		switch folder := x.hash(file[:end]); {
		case x.listed.has(folder):
		case x.names.has(folder):
			x.note(file[:end], "it is no folder of the root, but perhaps a link to one")
			return Unknown
		default:
			return Missing // with the folder
		}
	}
}

// Listed tells whether the root folder itself was listed completely.
func (x *Index) Listed() bool { return x.listed.has(x.hash(".")) }

// Unknown is the number of folders that could not be listed, or that a judged file lies in and that are no folders of the root:
// symbolic links, or files now.
func (x *Index) Unknown() int { return len(x.unknown) }

func (x *Index) hash(path string) uint64 { return maphash.String(x.seed, path) }

// hashes are a set, once they are sorted.
type hashes []uint64

func (h hashes) sorted() hashes {
	slices.Sort(h)
	return slices.Compact(h)
}

func (h hashes) has(x uint64) bool {
	_, found := slices.BinarySearch(h, x)
	return found
}
