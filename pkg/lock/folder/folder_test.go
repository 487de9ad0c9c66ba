package folder_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/lock/folder"
)

// Each Lock opens its folders anew, so that two in one process are as strange to each other as two processes.
func TestLock(t *testing.T) {
	for name, c := range map[string]struct {
		first, second []string // folders below a temporary one; "missing" does not exist, "link" leads to "a"
		held          string   // the folder that the second meets; empty: it gets its locks
	}{
		"a folder is locked once":                   {[]string{"a"}, []string{"a"}, "a"},
		"two folders are two":                       {[]string{"a"}, []string{"b"}, ""},
		"one that is shared suffices":               {[]string{"a", "b"}, []string{"b", "c"}, "b"},
		"the same folder by another name":           {[]string{"a"}, []string{"link"}, "link"},
		"a folder that is named twice":              {[]string{"a", "a", "link"}, []string{"a"}, "a"},
		"a missing folder needs no lock":            {[]string{"missing"}, []string{"missing"}, ""},
		"a file is no folder":                       {[]string{"file"}, []string{"file"}, ""},
		"a missing folder does not hide the others": {[]string{"a"}, []string{"missing", "a"}, "a"},
		"no folders at all":                         {nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folders(t)
			first, err := folder.Lock(below(dir, c.first))
			if err != nil {
				t.Fatal(err)
			}
			defer first.Release()
			second, err := folder.Lock(below(dir, c.second))
			var held *folder.HeldError
			switch {
			case c.held == "" && err == nil:
				second.Release()
			case c.held == "" || !errors.As(err, &held) || held.Folder != filepath.Join(dir, c.held):
				t.Errorf("got %v, want to meet %q", err, c.held)
			}
		})
	}
}

func TestReleaseAndFailureGiveEveryLockBack(t *testing.T) {
	dir := folders(t)
	b, err := folder.Lock(below(dir, []string{"b"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Lock(below(dir, []string{"a", "b"})); err == nil {
		t.Fatal("b was locked twice")
	}
	a, err := folder.Lock(below(dir, []string{"a"})) // the one who met b has let a go
	if err != nil {
		t.Fatal(err)
	}
	a.Release()
	b.Release()
	all, err := folder.Lock(below(dir, []string{"a", "b", "c"}))
	if err != nil {
		t.Fatal(err)
	}
	all.Release()
}

func TestTheHolderIsNamed(t *testing.T) {
	dir := below(folders(t), []string{"a"})
	first, err := folder.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Release()
	_, err = folder.Lock(dir)
	want := fmt.Sprintf("another run, process %d (", os.Getpid())
	if locks, _ := os.ReadFile("/proc/locks"); !strings.Contains(string(locks), fmt.Sprint(" ", os.Getpid(), " ")) {
		want = "another run works on the folder " // this kernel does not show locks
	}
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func folders(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func below(dir string, names []string) (paths []string) {
	for _, name := range names {
		paths = append(paths, filepath.Join(dir, name))
	}
	return paths
}
