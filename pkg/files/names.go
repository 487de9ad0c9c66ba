package files

import "ucorefs.io/maintenance/pkg/pathhash"

// Names tells which files a Clean has to look at, by their paths, in 2 MiB: it may take another file for one of them,
// but none of them for another. The zero Names is empty. It is not to be changed while it is used.
type Names struct{ bits []uint64 }

// firstBits of a hash are a name's place in Names: of a million names one in seventeen others is taken for one of
// them.
const firstBits = 24

// Add adds the file with this hash of its path, relative to its root.
func (n *Names) Add(path pathhash.Hash) {
	if n.bits == nil {
		n.bits = make([]uint64, 1<<firstBits/64)
	}
	at := path >> (64 - firstBits)
	n.bits[at/64] |= 1 << (at % 64)
}

func (n *Names) has(path pathhash.Hash) bool {
	at := path >> (64 - firstBits)
	return n.bits != nil && n.bits[at/64]&(1<<(at%64)) != 0
}
