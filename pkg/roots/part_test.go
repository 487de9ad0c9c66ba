package roots

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var errEnded = errors.New("ended")

// forest has three folders in each folder down to the third, and a file in each; one cannot be listed.
type forest struct{}

func (forest) List(folder string, each func(name string, isFolder bool)) error {
	if folder == "folder 1/folder 1" {
		return syscall.EIO
	}
	each("file", false)
	for i := range 3 {
		if folder == "." || strings.Count(folder, "/") < 2 {
			each(fmt.Sprint("folder ", i), true)
		}
	}
	return nil
}

func (forest) Exists(string) (bool, error) { return false, nil }

// runFor runs a walk for so many folders at most, and calls listed after each.
func runFor(t *testing.T, w *Walk, most int, listed func()) (n int) {
	t.Helper()
	err := w.Run(t.Context(), func(int) error {
		listed()
		if n++; n == most {
			return errEnded
		}
		return nil
	})
	if err != nil && err != errEnded {
		t.Fatal(err)
	}
	return n
}

// taken is all parts that are new.
func taken(w *Walk) (parts []Part) {
	for p, news := w.Take(); news; p, news = w.Take() {
		parts = append(parts, p)
	}
	return parts
}

func restored(t *testing.T, tree Tree, parts []Part) *Walk {
	t.Helper()
	w := NewWalk(tree)
	for _, p := range parts {
		if err := w.Restore(p); err != nil {
			t.Fatal(err)
		}
	}
	if len(taken(w)) > 0 {
		t.Error("what was restored is taken again")
	}
	return w
}

// A walk that was ended after any folder, and whose parts were taken now and then, finds what an undisturbed one
// finds, and lists again only what it had listed since. Seen to fail when a part did not say how many of the folders
// that were to be listed still are, and when it did not have those that were added.
func TestAWalkThatIsRestoredGoesOnFromWhereItWasTaken(t *testing.T) {
	for _, atOnce := range []int{1, 16} {
		t.Run(fmt.Sprint(atOnce, " at once"),
			func(t *testing.T) { goesOnFromWhereItWasTaken(t, Tree{Disk: forest{}, AtOnce: atOnce}) })
	}
}

func goesOnFromWhereItWasTaken(t *testing.T, tree Tree) {
	t.Helper()
	undisturbed := NewWalk(tree)
	total := runFor(t, undisturbed, math.MaxInt, func() {})
	want := undisturbed.Index()
	for every := 1; every < 5; every++ {
		for end := 1; end <= total; end++ {
			var parts []Part
			w, since := NewWalk(tree), 0
			runFor(t, w, end, func() {
				if since++; since == every {
					parts, since = append(parts, taken(w)...), 0
				}
			})
			w = restored(t, tree, parts)
			if n := runFor(t, w, math.MaxInt, func() {}); n != total-end+since {
				t.Errorf("taken after each %d, ended after %d of %d folders: then %d were listed", every, end, total, n)
			}
			if diff := cmp.Diff(want, w.Index(), cmp.AllowUnexported(Index{}, set{}, Tree{}, failures{})); diff != "" {
				t.Errorf("taken after each %d, ended after %d (-undisturbed +restored):\n%s", every, end, diff)
			}
		}
	}
}

// wide is a root with many folders, and a folder with many names.
type wide struct{}

func (wide) List(folder string, each func(name string, isFolder bool)) error {
	for i := range 3 * partFolders {
		if folder == "." {
			each(fmt.Sprint("a folder ", i), true)
		}
	}
	for i := range 2*partHashes + 1 {
		if folder == "." || folder == "a folder 7" {
			each(fmt.Sprint("a file ", i), false)
		}
	}
	return nil
}

func (wide) Exists(string) (bool, error) { return false, nil }

// Seen to fail when a folder was one part, whatever it held: no document of a database takes that.
func TestNoPartIsLarge(t *testing.T) {
	tree := Tree{Disk: wide{}}
	w := NewWalk(tree)
	var parts []Part
	most := 0
	total := runFor(t, w, math.MaxInt, func() {
		for _, p := range taken(w) {
			most = max(most, len(p.Names)+len(p.Listed)+len(p.Pending))
			parts = append(parts, p)
		}
	})
	if most > 2<<20 || len(parts) > total+6 {
		t.Errorf("%d parts of at most %d bytes, of %d folders", len(parts), most, total)
	}
	again := restored(t, tree, parts)
	if n := runFor(t, again, math.MaxInt, func() {}); n != 0 || again.Index().Names() != w.Index().Names() {
		t.Errorf("%d folders were listed again, %d names are there", n, again.Index().Names())
	}
}

func TestWhatIsNoPartIsNotRestored(t *testing.T) {
	for name, p := range map[string]Part{
		"more folders than were to be listed": {Same: 2},
		"fewer than none":                     {Same: -1},
		"half a hash":                         {Names: make([]byte, 12)},
		"a folder that failed for no reason":  {Failed: make([]byte, 8), Because: []byte{0}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := NewWalk(Tree{Disk: forest{}}).Restore(p); err == nil {
				t.Error("it was restored")
			}
		})
	}
}
