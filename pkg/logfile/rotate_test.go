package logfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/logfile"
)

const generation = "app.log.20260304-050607"

// renaming is a folder in which something comes before a rename.
type renaming struct {
	logfile.Disk
	before func(base string) error
}

func (d renaming) Rename(e files.Entry, base string) error {
	if err := d.before(base); err != nil {
		return err
	}
	return d.Disk.Rename(e, base)
}

var errFault = errors.New("a fault that was planted")

// The first was seen to fail when that a log is there already was an error, the second when the rename did not count.
func TestOnceALogHasItsNewNameItIsRotated(t *testing.T) {
	for name, c := range map[string]struct {
		before func(log string) error // comes before the new log gets its name
		err    error
		log    string // what is in the log then
	}{
		"a program makes its log anew before": {func(log string) error { return os.WriteFile(log, []byte("new"), 0o600) },
			nil, "new"},
		"the new log gets no name": {func(string) error { return errFault }, errFault, ""},
	} {
		t.Run(name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "app.log")
			rotated, err := rotate(t, log, c.before)
			if !rotated || !errors.Is(err, c.err) {
				t.Errorf("rotated: %v, %v", rotated, err)
			}
			old, _ := os.ReadFile(filepath.Join(filepath.Dir(log), generation))
			if now, _ := os.ReadFile(log); string(now) != c.log || string(old) != "old" {
				t.Errorf("the log holds %q and the generation %q", now, old)
			}
		})
	}
}

// rotate makes a log with the text "old" and rotates it.
func rotate(t *testing.T, log string, before func(log string) error) (rotated bool, err error) {
	t.Helper()
	if err := os.WriteFile(log, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := files.Open(filepath.Dir(log), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	e, err := root.Look("app.log")
	if err != nil {
		t.Fatal(err)
	}
	disk := renaming{root, func(base string) error {
		if base == "app.log" {
			return before(log)
		}
		return nil
	}}
	return logfile.Rotator{Disk: disk}.Rotate(t.Context(), e, generation)
}
