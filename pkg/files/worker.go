package files

import (
	"errors"
	"fmt"
	"path"

	"golang.org/x/sys/unix"
)

// pieceOfNames is how many bytes of names a worker leaves to one that has nothing to do: about a hundred names.
const pieceOfNames = 4 << 10

// worker does pieces of work, one after the other.
type worker struct {
	pool    *pool
	visitor visitor
	buffer  []byte // of names; the names of one read are all done before it is used again
	look    unix.Statx_t
}

func (w *worker) do(p piece) {
	if p.records == nil {
		w.visit(p.folder)
		return
	}
	w.skip(p.folder, w.names(p.folder, p.records))
	w.pool.done(p.folder, w.visitor)
}

// errEnded ends the reading of a folder because the walk ends.
var errEnded = errors.New("the walk ends")

func (w *worker) skip(f *folder, err error) {
	if err != nil && !errors.Is(err, errEnded) {
		w.pool.skip(f.name, err)
	}
}

// visit opens a folder and does all in it, but for what it leaves to others.
func (w *worker) visit(f *folder) {
	if !w.pool.ended() && w.open(f) {
		w.read(f)
	}
	w.pool.done(f, w.visitor)
}

// open opens a folder; the one that it is in is open.
func (w *worker) open(f *folder) bool {
	if f.fd >= 0 {
		return true
	}
	if f.depth > maxDepth {
		w.pool.skip(f.name, fmt.Errorf("it is more than %d folders deep", maxDepth))
		return false
	}
	fd, err := openBeneath(f.parent.fd, f.base, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		if !errors.Is(err, unix.ENOENT) {
			w.pool.skip(f.name, err)
		}
		return false
	}
	f.fd = fd
	return true
}

// read does all names in an open folder.
func (w *worker) read(f *folder) {
	err := readNames(f.fd, w.buffer, func(records []byte) error {
		for len(records) > pieceOfNames {
			front, rest, err := cutRecords(records, pieceOfNames)
			if err != nil {
				return err
			}
			if !w.pool.shareNames(f, front) {
				break
			}
			records = rest
		}
		return w.names(f, records)
	})
	w.skip(f, err)
}

// names does the files among some names at once, and then follows the folders, since that takes the buffer.
func (w *worker) names(f *folder, records []byte) error {
	folders, err := w.files(f, records)
	w.visitor.flush(f)
	for _, base := range folders {
		below := w.pool.enter(f, base, path.Join(f.name, base))
		if !w.pool.shareFolder(below) {
			w.visit(below)
		}
	}
	return err
}

// files does the files among some names, and returns the folders.
func (w *worker) files(f *folder, records []byte) (folders []string, err error) {
	for len(records) > 0 {
		if w.pool.ended() {
			return folders, errEnded
		}
		e, rest, err := nextDirent(records)
		if err != nil {
			return folders, err
		}
		if !e.isDot() && w.one(f, e) {
			folders = append(folders, string(e.name))
		}
		records = rest
	}
	return folders, nil
}

// one does a name that is a file, and tells whether it is a folder.
func (w *worker) one(f *folder, e dirent) bool {
	if f.depth == 0 && string(e.name) == lostAndFound {
		return false
	}
	switch e.kind {
	case unix.DT_DIR:
		return true
	case unix.DT_REG:
		if string(e.name) != Marker && !w.visitor.wants(f, e.name) {
			return false
		}
	case unix.DT_UNKNOWN: // only a look tells
	default:
		return false
	}
	if err := statx(f.fd, e.name, &w.look); err != nil {
		if !errors.Is(err, unix.ENOENT) {
			w.pool.skip(path.Join(f.name, string(e.name)), err)
		}
		return false
	}
	switch w.look.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		return true
	case unix.S_IFREG:
		w.file(f, e.name)
	}
	return false
}

func (w *worker) file(f *folder, name []byte) {
	if string(name) == Marker {
		marker := path.Join(f.name, Marker)
		w.pool.report(func() error { return w.pool.root.holdsMarked(marker) })
		return
	}
	w.visitor.file(f, name, &w.look)
}
