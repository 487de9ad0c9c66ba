package roots

import (
	"slices"

	"ucorefs.io/maintenance/pkg/pathhash"
)

func hash(path string) uint64 { return uint64(pathhash.Of(path)) }

// folderHash is what the hash of each path in a folder begins with.
type folderHash pathhash.Hash

// hashOf is that of a folder, by its name relative to the root.
func (t Tree) hashOf(folder string) folderHash {
	if folder == "." {
		return folderHash(pathhash.Start)
	}
	return folderHash(pathhash.With(pathhash.Of(t.of(folder)), "/"))
}

// below is the hash of the path of a name in the folder. The form of a path is that of its parts: no part is changed
// by what is beyond a slash.
func (h folderHash) below(name string) uint64 { return uint64(pathhash.With(pathhash.Hash(h), name)) }

// hashes are a list of hashes.
type hashes []uint64

// set is sorted hashes. By the first bits of one it knows where those with the same bits are, so that it looks at a
// few instead of as many as a search among millions does.
type set struct {
	hashes hashes
	starts []uint32 // where those begin whose first bits are the index, and one more
	shift  uint     // what is behind the first bits
}

// perStart is how many hashes share their first bits, about.
const perStart = 16

func newSet(list hashes) set {
	s := set{hashes: make(hashes, len(list)), shift: 64}
	for n := len(list) / perStart; n > 0; n >>= 1 {
		s.shift--
	}
	s.starts = make([]uint32, 1<<(64-s.shift)+1)
	for _, h := range list {
		s.starts[h>>s.shift+1]++
	}
	for i := range len(s.starts) - 1 {
		s.starts[i+1] += s.starts[i]
	}
	next := slices.Clone(s.starts)
	for _, h := range list {
		first := h >> s.shift
		s.hashes[next[first]] = h
		next[first]++
	}
	for i := range len(s.starts) - 1 {
		slices.Sort(s.hashes[s.starts[i]:s.starts[i+1]])
	}
	return s
}

func (s set) has(h uint64) bool {
	if len(s.hashes) == 0 {
		return false
	}
	first := h >> s.shift
	_, found := slices.BinarySearch(s.hashes[s.starts[first]:s.starts[first+1]], h)
	return found
}
