package roots

import (
	"fmt"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crowd is a root of 40 folders, none of which comes to an end before 16 are being listed.
type crowd struct {
	mu    sync.Mutex
	in    int
	full  chan struct{}
	alone atomic.Bool // it waited for others in vain
}

func (c *crowd) List(folder string, each func(name string, isFolder bool)) error {
	if folder == "." {
		for i := range 40 {
			each(fmt.Sprint("folder ", i), true)
		}
		return nil
	}
	c.mu.Lock()
	if c.in++; c.in == 16 {
		close(c.full)
	}
	c.mu.Unlock()
	select {
	case <-c.full:
	case <-time.After(30 * time.Second): // of a test that fails
		c.alone.Store(true)
	}
	return nil
}

func (*crowd) Exists(string) (bool, error) { return false, nil }

// Seen to fail when the walk alone listed, and, on a busy machine, when the walk only waited for what another had
// begun.
func TestAsManyFoldersAreListedAtOnceAsTheTreeSays(t *testing.T) {
	c := &crowd{full: make(chan struct{})}
	if _, err := walked(t.Context(), Tree{Disk: c, AtOnce: 16}); err != nil || c.alone.Load() {
		t.Error("they were not listed at once", err)
	}
}

// lingering is a root whose second folder is still being listed when the walk has ended.
type lingering struct {
	release chan struct{}
	begun   chan struct{}
	under   atomic.Bool
}

func (l *lingering) List(folder string, each func(name string, isFolder bool)) error {
	switch folder {
	case ".":
		each("first", true)
		each("second", true)
	case "first":
		l.under.Store(true)
		close(l.begun)
		<-l.release
		l.under.Store(false)
	}
	return nil
}

func (*lingering) Exists(string) (bool, error) { return false, nil }

// Whoever ends a walk closes the disk then. Seen to fail when the end did not wait.
func TestNothingIsListedAfterAWalkHasEnded(t *testing.T) {
	l := &lingering{release: make(chan struct{}), begun: make(chan struct{})}
	go func() { // the walk itself may be what lists the first folder
		<-l.begun
		time.Sleep(50 * time.Millisecond)
		close(l.release)
	}()
	n := 0
	err := NewWalk(Tree{Disk: l, AtOnce: 2}).Run(t.Context(), func(int) error {
		if n++; n == 1 {
			return nil // the walk comes to the last folder, and the other one is listed ahead
		}
		<-l.begun
		return errEnded
	})
	if err != errEnded || l.under.Load() {
		t.Errorf("%v: being listed: %v", err, l.under.Load())
	}
}

// The hash of a path is put together from its folder's and its name's. Seen to fail when the
// folder's form was not taken.
func TestTheHashOfAPathIsThatOfItsParts(t *testing.T) {
	marks := strings.Repeat("\u0301", 40) // more than one segment of a normal form holds
	parts := []string{"a", "Caf\u00e9", "e\u0301", "\u0301", "\u0338", "=", "\u0338\u0301x", "\xff\xfe", "\xc3", "\xa9",
		"\u1100", "\u1161", "I", "\u0130", "\u017f", "\u03a3", marks, "x" + marks}
	for _, folds := range []bool{false, true} {
		tree := Tree{Form: Form{FoldsCase: folds}}
		for _, folder := range parts {
			for _, inner := range parts {
				for _, name := range parts {
					in := path.Join(folder, inner)
					if whole, put := hash(tree.of(path.Join(in, name))), tree.hashOf(in).below(tree.of(name)); whole != put {
						t.Fatalf("%q in %q, folding %v: %x and %x", name, in, folds, whole, put)
					}
				}
			}
		}
		if tree.hashOf(".").below("a") != hash("a") {
			t.Error("a name in the root")
		}
	}
}

// Seen to fail when the last of the sorted hashes that begin alike was left out.
func TestASetHasWhatWasPutIntoIt(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 17, 1000, 100_000} {
		list := make(hashes, n)
		for i := range list {
			list[i] = hash(fmt.Sprint("file ", i))
		}
		list = append(list, 0, 1<<63, 1<<64-1, 1<<64-1)
		s := newSet(list)
		for _, h := range list {
			if !s.has(h) {
				t.Fatalf("of %d, %x is not found", n, h)
			}
		}
		for i := range n {
			if s.has(hash(fmt.Sprint("other ", i))) {
				t.Fatalf("of %d, %d is found that is not there", n, i)
			}
		}
	}
	if newSet(nil).has(0) {
		t.Error("an empty set holds something")
	}
}
