package roots

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"syscall"
	"testing"

	"ucorefs.io/maintenance/pkg/files"
)

// onDisk is a tree of these files below a temporary folder; a name that ends in "/" is an empty folder.
func onDisk(t *testing.T, names ...string) (Tree, string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		full := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(full), 0o755)
		if name[len(name)-1] == '/' {
			err = errors.Join(err, os.MkdirAll(full, 0o755))
		} else {
			err = errors.Join(err, os.WriteFile(full, nil, 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	l, err := files.OpenLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return Tree{Disk: l}, dir
}

// walked is the index of a whole walk.
func walked(ctx context.Context, tree Tree) (*Index, error) {
	w := NewWalk(tree)
	err := w.Run(ctx, func(int) error { return nil })
	return w.Index(), err
}

// verdicts are what the index and the exact look say of each file.
func verdicts(t *testing.T, tree Tree, names ...string) (byIndex, byLook []Verdict, x *Index) {
	t.Helper()
	x, err := walked(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		byIndex = append(byIndex, x.Judge(name))
	}
	if byLook, _, err = Look(t.Context(), tree, names); err != nil {
		t.Fatal(err)
	}
	return byIndex, byLook, x
}

func expect(t *testing.T, tree Tree, want map[string]Verdict) *Index {
	t.Helper()
	var names []string
	for name := range want {
		names = append(names, name)
	}
	byIndex, byLook, x := verdicts(t, tree, names...)
	for i, name := range names {
		if byIndex[i] != want[name] || byLook[i] != want[name] {
			t.Errorf("%q: the index says %s, the exact look %s, want %s", name, byIndex[i], byLook[i], want[name])
		}
	}
	return x
}

func TestAFileIsMissingWhereACompleteListingLacksIt(t *testing.T) {
	tree, _ := onDisk(t, "a", "2019/b", "2019/line\nbreak", "2019/deep/c", "empty/", "..two dots")
	x := expect(t, tree, map[string]Verdict{
		"a": Alive, "2019/b": Alive, "2019/line\nbreak": Alive, "2019/deep/c": Alive, "..two dots": Alive,
		"b": Missing, "2019/a": Missing, "2019/deep/b": Missing, "empty/x": Missing,
		"2020/b": Missing, "2020/deep/c": Missing, "2019/deeper/c": Missing,
	})
	if n := x.Unknown(); n != 0 || len(x.Why) > 0 {
		t.Errorf("%d folders are unknown: %q", n, x.Why)
	}
}

// Seen to fail with Judge and Look comparing plain names.
func TestBothUnicodeFormsOfANameAreOneFile(t *testing.T) {
	tree, _ := onDisk(t, "Caf\u00e9/\u00c5.jpg", "Cafe\u0301 2/A\u030a.jpg", "twice/\u00e9", "twice/e\u0301")
	expect(t, tree, map[string]Verdict{
		"Caf\u00e9/\u00c5.jpg": Alive, "Cafe\u0301/A\u030a.jpg": Alive, "Caf\u00e9/A\u030a.jpg": Alive,
		"Caf\u00e9 2/\u00c5.jpg": Alive, "Cafe\u0301 2/A\u030a.jpg": Alive, "twice/\u00e9": Alive, "twice/e\u0301": Alive,
		"Caf\u00e9/B.jpg": Missing, "Cafe/\u00c5.jpg": Missing, "Caf\u00e9/A.jpg": Missing,
	})
}

func TestAFolderThatIsThereInBothUnicodeFormsHoldsWhatIsInEither(t *testing.T) {
	tree, _ := onDisk(t, "\u00e9/a", "e\u0301/b")
	expect(t, tree, map[string]Verdict{"\u00e9/a": Alive, "\u00e9/b": Alive, "e\u0301/a": Alive, "e\u0301/c": Missing})
}

func TestCaseMattersOnlyWhereTheFileSystemKnowsIt(t *testing.T) {
	tree, _ := onDisk(t, "DCIM/IMG.JPG")
	expect(t, tree, map[string]Verdict{"DCIM/IMG.JPG": Alive, "DCIM/img.jpg": Missing, "dcim/IMG.JPG": Missing})
	tree.FoldsCase = true
	expect(t, tree, map[string]Verdict{"DCIM/IMG.JPG": Alive, "DCIM/img.jpg": Alive, "dcim/IMG.JPG": Alive,
		"dcim/other.jpg": Missing})
}

// Seen to fail when a name that is no folder was taken for a folder without the file: all behind the link were missing.
func TestBelowWhatIsNoFolderOfTheRootNothingIsMissing(t *testing.T) {
	tree, dir := onDisk(t, "2018/a", "file")
	if err := errors.Join(os.Symlink("2018", filepath.Join(dir, "link")),
		os.Symlink("nowhere", filepath.Join(dir, "dangling"))); err != nil {
		t.Fatal(err)
	}
	x := expect(t, tree, map[string]Verdict{
		"link/a": Unknown, "link/b": Unknown, "link/sub/c": Unknown, "dangling/a": Unknown, "file/a": Unknown,
		"link": Alive, "dangling": Alive, "other/a": Missing,
	})
	if x.Unknown() != 3 {
		t.Errorf("%d folders are unknown, want 3: %q", x.Unknown(), x.Why)
	}
}

// Seen to fail when mount points of earlier runs were judged as the plain folders that they are: what lies on the disk
// was missing.
func TestBelowAFormerMountPointNothingIsMissing(t *testing.T) {
	tree, _ := onDisk(t, "disk/", "other/a")
	tree.Mounts = []string{"disk", "removed"}
	x := expect(t, tree, map[string]Verdict{"disk/a": Unknown, "disk/2019/b": Unknown, "removed/a": Unknown,
		"other/b": Missing, "diskette/a": Missing, "Disk/a": Unknown})
	if x.Unknown() != 2 {
		t.Errorf("%d folders are unknown, want 2: %q", x.Unknown(), x.Why)
	}
}

func TestARootInsideAnotherIsNotListedWithIt(t *testing.T) {
	tree, _ := onDisk(t, "inner/a", "b")
	tree.Elsewhere = []string{"inner"}
	tree.Disk = failing{tree.Disk, map[string]error{"inner": syscall.EIO}, nil}
	if x := expect(t, tree, map[string]Verdict{"b": Alive}); x.Unknown() != 0 {
		t.Errorf("%d folders are unknown", x.Unknown())
	}
	// Where a record spells it in another way, nobody listed the folder for it, be the file system known to fold case
	// or not.
	for _, tree.FoldsCase = range []bool{false, true} {
		expect(t, tree, map[string]Verdict{"Inner/a": Unknown, "INNER/b": Unknown, "b": Alive})
	}
}

// failing is a Disk whose folders fail: at once, or, for those in short, after the first name.
type failing struct {
	Disk
	errors map[string]error
	short  map[string]bool
}

func (f failing) List(folder string, each func(string, bool)) error {
	err := f.errors[folder]
	if err == nil {
		return f.Disk.List(folder, each)
	}
	given := 0
	_ = f.Disk.List(folder, func(name string, isFolder bool) {
		if given++; f.short[folder] && given == 1 {
			each(name, isFolder)
		}
	})
	return &fs.PathError{Op: "list", Path: folder, Err: err}
}

// Seen to fail when a folder that could not be listed counted as listed with the names that it gave, and when its
// error ended the walk there as if it were empty: then everything below it was missing.
func TestAListingThatFailsBlocksItsFolderAndNothingElse(t *testing.T) {
	for _, cause := range []error{syscall.EACCES, syscall.EIO, syscall.ESTALE, syscall.ENOTCONN, syscall.EXDEV,
		files.ErrChanged} {
		for _, short := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v, short %v", cause, short), func(t *testing.T) {
				tree, _ := onDisk(t, "2018/a", "2019/a", "2019/b", "2019/deep/c")
				tree.Disk = failing{tree.Disk, map[string]error{"2019": cause}, map[string]bool{"2019": short}}
				byIndex, byLook, x := verdicts(t, tree, "2018/a", "2018/b", "2020/a", "2019/gone", "2019/deep/c", "2019/deep/gone",
					"2019/gone/x")
				for i, want := range []Verdict{Alive, Missing, Missing, Unknown, Unknown, Unknown, Unknown} {
					if byIndex[i] != want || byLook[i] != want {
						t.Errorf("%d: the index says %s, the exact look %s, want %s", i, byIndex[i], byLook[i], want)
					}
				}
				if x.Unknown() != 1 || len(x.Why) != 1 {
					t.Errorf("%d folders are unknown: %q", x.Unknown(), x.Why)
				}
			})
		}
	}
}

func TestWhereTheRootCannotBeListedEverythingIsUnknown(t *testing.T) {
	tree, _ := onDisk(t, "a")
	tree.Disk = failing{tree.Disk, map[string]error{".": syscall.ESTALE}, nil}
	if x := expect(t, tree, map[string]Verdict{"a": Unknown, "b": Unknown, "2019/c": Unknown}); x.Listed() {
		t.Error("the root counts as listed")
	}
}

// once fails the first time only.
type once struct {
	Disk
	failed map[string]bool
}

func (o once) List(folder string, each func(string, bool)) error {
	err := o.Disk.List(folder, each)
	if !o.failed[folder] {
		o.failed[folder] = true
		return files.ErrChanged
	}
	return err
}

func TestAFolderThatChangedWhileItWasListedIsListedAgain(t *testing.T) {
	tree, _ := onDisk(t, "a", "2019/b")
	tree.Disk = once{tree.Disk, map[string]bool{}}
	if x := expect(t, tree, map[string]Verdict{"a": Alive, "2019/b": Alive, "2019/c": Missing}); x.Unknown() != 0 {
		t.Errorf("%d folders are unknown", x.Unknown())
	}
}

func TestACancelledWalkEnds(t *testing.T) {
	tree, _ := onDisk(t, "a")
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("told to stop")
	cancel(cause)
	if _, err := walked(ctx, tree); !errors.Is(err, cause) {
		t.Errorf("the walk: %v", err)
	}
	if _, _, err := Look(ctx, tree, []string{"a"}); !errors.Is(err, cause) {
		t.Errorf("Look: %v", err)
	}
}

// On any healthy disk the index and the exact look say of any path what lstat says.
func TestOnRandomTreesBothSayWhatTheDiskSays(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		random := func() string {
			p := fmt.Sprint(r.IntN(4))
			for range r.IntN(4) {
				p = path.Join(p, fmt.Sprint(r.IntN(4)))
			}
			return p
		}
		tree, dir := onDisk(t)
		for range 20 {
			file := filepath.Join(dir, random())
			if os.MkdirAll(filepath.Dir(file), 0o755) == nil {
				_ = os.WriteFile(file, nil, 0o644) // where a folder is, it stays one
			}
		}
		var names []string
		for range 100 {
			names = append(names, random())
		}
		byIndex, byLook, _ := verdicts(t, tree, names...)
		for i, name := range names {
			want := Alive
			if _, err := os.Lstat(filepath.Join(dir, name)); errors.Is(err, syscall.ENOTDIR) {
				want = Unknown // below a file
			} else if err != nil {
				want = Missing
			}
			if byIndex[i] != want || byLook[i] != want {
				t.Fatalf("seed %d, %q: the index says %s, the exact look %s, lstat %s", seed, name, byIndex[i], byLook[i], want)
			}
		}
	}
}

// What nobody judged must not be taken for gone. Seen to fail when the zero Verdict was Missing.
func TestWhatNobodyJudgedIsUnknown(t *testing.T) {
	var v Verdict
	if v != Unknown || v.String() != "unknown" {
		t.Errorf("the zero Verdict is %s", v)
	}
	if Missing > Unknown || Unknown > Alive || Missing.String() != "missing" || Alive.String() != "alive" {
		t.Errorf("the order is %s, %s, %s", Missing, Unknown, Alive)
	}
}
