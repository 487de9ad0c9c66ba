package roots

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Part is a part of what a walk found, at most some 8 MiB.
type Part struct {
	Names, Listed, Failed []byte // hashes, of 8 bytes each
	Because               []byte // of each failed folder, the place of its reason in Reasons
	// Same is how many of the folders that were to be listed after the part before still are, and Pending those that
	// came after them, each with a NUL behind it.
	Same    int
	Pending []byte
	// Mounts and Reasons are all until now.
	Mounts, Reasons []string
}

// The most that one part has. A path has at most 4,096 bytes.
const (
	partHashes  = 128 << 10
	partFolders = 1024
)

// given is how much of a walk is in the parts that were taken, or restored.
type given struct {
	names, listed, failed int
	pending               int // so many folders were to be listed,
	same                  int // of which so many still are; none of those behind
}

// Take is the next part of what the walk found, if there is any news. All that there is at a time belongs together.
func (w *Walk) Take() (p Part, news bool) {
	x, g := w.index, &w.given
	if *g == w.all() {
		return p, false
	}
	p = Part{Same: g.same, Mounts: x.Mounts, Reasons: x.failed.reasons}
	p.Names, g.names = pack(w.names, g.names)
	p.Listed, g.listed = pack(w.listed, g.listed)
	before := g.failed
	p.Failed, g.failed = pack(x.failed.folders, before)
	p.Because = x.failed.because[before:g.failed]
	for ; g.same < min(p.Same+partFolders, len(w.pending)); g.same++ {
		p.Pending = append(append(p.Pending, w.pending[g.same].folder...), 0)
	}
	g.pending = g.same
	return p, true
}

// all is what is given where everything is.
func (w *Walk) all() given {
	n := len(w.pending)
	return given{names: len(w.names), listed: len(w.listed), failed: len(w.index.failed.folders), pending: n, same: n}
}

// Restore adds a part to a new walk; parts are to be given to it in their order. After an error the walk is of no use.
func (w *Walk) Restore(p Part) error {
	if p.Same < 0 || p.Same > len(w.pending) {
		return fmt.Errorf("restore a walk: %d folders are to be listed, not %d", len(w.pending), p.Same)
	}
	w.pending = w.pending[:p.Same]
	for folder := range strings.SplitSeq(string(p.Pending), "\x00") {
		if folder != "" {
			w.pending = append(w.pending, toList{folder: folder})
		}
	}
	x := w.index
	x.Mounts = p.Mounts
	if err := errors.Join(unpack(&w.names, p.Names), unpack(&w.listed, p.Listed), x.failed.restore(p)); err != nil {
		return err
	}
	w.given = w.all()
	return nil
}

func (f *failures) restore(p Part) error {
	var folders hashes
	if err := unpack(&folders, p.Failed); err != nil {
		return err
	}
	for i, folder := range folders {
		if i >= len(p.Because) || int(p.Because[i]) >= len(p.Reasons) {
			return errors.New("restore a walk: a folder failed for no reason")
		}
		f.put(folder, p.Because[i])
	}
	f.reasons = p.Reasons
	return nil
}

// pack is a number of hashes from one on, and where the next begin.
func pack(h hashes, from int) (b []byte, next int) {
	next = min(from+partHashes, len(h))
	for _, one := range h[from:next] {
		b = binary.LittleEndian.AppendUint64(b, one)
	}
	return b, next
}

func unpack(h *hashes, b []byte) error {
	if len(b)%8 != 0 {
		return fmt.Errorf("restore a walk: %d bytes are no hashes", len(b))
	}
	for ; len(b) > 0; b = b[8:] {
		*h = append(*h, binary.LittleEndian.Uint64(b))
	}
	return nil
}
