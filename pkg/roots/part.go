package roots

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Part is a part of what a walk found, at most some 8 MiB.
type Part struct {
	Names, Listed, Unknown []byte // hashes, of 8 bytes each
	// Same is how many of the folders that were to be listed after the part before still are, and Pending those that came after
	// them, each with a NUL behind it.
	Same    int
	Pending []byte
	// Mounts and Why are all until now.
	Mounts, Why []string
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
	p = Part{Same: g.same, Mounts: x.Mounts, Why: x.Why}
	p.Names, g.names = pack(x.names, g.names)
	p.Listed, g.listed = pack(x.listed, g.listed)
	p.Unknown, g.failed = pack(x.failed, g.failed)
	for ; g.same < min(p.Same+partFolders, len(w.pending)); g.same++ {
		p.Pending = append(append(p.Pending, w.pending[g.same]...), 0)
	}
	g.pending = g.same
	return p, true
}

// all is what is given where everything is.
func (w *Walk) all() given {
	x, n := w.index, len(w.pending)
	return given{names: len(x.names), listed: len(x.listed), failed: len(x.failed), pending: n, same: n}
}

// Restore adds a part to a new walk; parts are to be given to it in their order. After an error the walk is of no use.
func (w *Walk) Restore(p Part) error {
	if p.Same < 0 || p.Same > len(w.pending) {
		return fmt.Errorf("restore a walk: %d folders are to be listed, not %d", len(w.pending), p.Same)
	}
	w.pending = w.pending[:p.Same]
	for folder := range strings.SplitSeq(string(p.Pending), "\x00") {
		if folder != "" {
			w.pending = append(w.pending, folder)
		}
	}
	x, seen := w.index, len(w.index.failed)
	x.Mounts, x.Why = p.Mounts, p.Why
	if err := errors.Join(unpack(&x.names, p.Names), unpack(&x.listed, p.Listed), unpack(&x.failed, p.Unknown)); err != nil {
		return err
	}
	for _, folder := range x.failed[seen:] {
		x.unknown[folder] = struct{}{}
	}
	w.given = w.all()
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
