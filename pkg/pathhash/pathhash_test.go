package pathhash

import (
	"hash/fnv"
	"testing"
)

func TestTheHashOfAPathIsFNV1aHoweverItIsPutTogether(t *testing.T) {
	for _, path := range []string{"", "a", "a/b", "Caf\u00e9/\xff", "folder/a file with a long name.jpg"} {
		h := fnv.New64a()
		_, _ = h.Write([]byte(path))
		for cut := range len(path) + 1 {
			if got := With(With(Start, path[:cut]), []byte(path[cut:])); uint64(got) != h.Sum64() || Of(path) != got {
				t.Errorf("%q, cut at %d: %x, want %x", path, cut, got, h.Sum64())
			}
		}
	}
}
