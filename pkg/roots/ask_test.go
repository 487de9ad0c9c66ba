package roots

import (
	"fmt"
	"syscall"
	"testing"
)

// answering is a Disk that finds names which its listings do not give, or fails when it is asked.
type answering struct {
	Disk
	finds map[string]error
	asked []string
}

func (a *answering) Exists(name string) (bool, error) {
	a.asked = append(a.asked, name)
	if err, known := a.finds[name]; known {
		return err == nil, err
	}
	return a.Disk.Exists(name)
}

// Seen to fail when Look believed the listings alone. Some file systems fold case or Unicode forms, and no list has
// them all.
func TestWhatTheDiskFindsIsAliveWhateverTheListingsSay(t *testing.T) {
	tree, _ := onDisk(t, "Photos/A.jpg", "b")
	disk := &answering{Disk: tree.Disk, finds: map[string]error{
		"photos/a.JPG": nil, "photos/e\u0301.jpg": nil,
		"fails": syscall.EIO, "may not be asked": syscall.EACCES, "crosses a mount": syscall.EXDEV,
		"too long": syscall.ENAMETOOLONG,
	}}
	tree.Disk = disk
	want := map[string]Verdict{
		"photos/a.JPG": Alive, "photos/e\u0301.jpg": Alive, "b": Alive,
		"photos/c.jpg": Missing, "photos/\u00e9.jpg": Missing, // not the bytes that are recorded
		"fails": Unknown, "may not be asked": Unknown, "crosses a mount": Unknown, "too long": Unknown,
	}
	var names []string
	for name := range want {
		names = append(names, name)
	}
	got, _, err := Look(t.Context(), tree, names)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		if got[i] != want[name] {
			t.Errorf("%q is %s, want %s", name, got[i], want[name])
		}
	}
	if len(disk.asked) != len(want)-1 {
		t.Errorf("it was asked for %q: only for what the listings lack", disk.asked)
	}
}

// Seen to fail when such a name was taken for one that can be looked for.
func TestANameWithAReplacementCharacterIsMissingNowhere(t *testing.T) {
	tree, _ := onDisk(t, "caf\xe9.jpg", "there \ufffd", "a")
	x := expect(t, tree, map[string]Verdict{
		"caf\ufffd.jpg": Unknown, "gone/caf\ufffd/a.jpg": Unknown, "there \ufffd": Alive, "a": Alive, "b": Missing,
		"caf\xe9.jpg": Alive, "th\xe9": Missing,
	})
	if x.Unknown() != 0 {
		t.Errorf("%d folders are unknown: %q", x.Unknown(), x.Why)
	}
}

// lost+found of ext4 is such a folder, and every run would be Partial.
func TestAnUnlistableFolderCountsOnlyWhereAFileIsSoughtBelowIt(t *testing.T) {
	tree, _ := onDisk(t, "lost+found/", "2019/a", "2020/a")
	tree.Disk = failing{tree.Disk, map[string]error{"lost+found": syscall.EACCES, "2020": syscall.EIO}, nil}
	if x := expect(t, tree, map[string]Verdict{"2019/a": Alive, "2019/b": Missing, "2018/x": Missing}); x.Unknown() != 0 ||
		len(x.Why) > 0 {
		t.Errorf("%d folders are unknown: %q", x.Unknown(), x.Why)
	}
	x := expect(t, tree, map[string]Verdict{"2019/a": Alive, "2020/a": Unknown, "2020/b": Unknown})
	if want := fmt.Sprintf("%q could not be listed: %s", "2020", syscall.EIO.Error()); x.Unknown() != 1 ||
		len(x.Why) != 1 || x.Why[0] != want {
		t.Errorf("%d folders are unknown: %q", x.Unknown(), x.Why)
	}
}
