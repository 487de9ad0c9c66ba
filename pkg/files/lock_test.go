package files_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"ucorefs.io/maintenance/pkg/files"
)

func TestALockedFolderNamesItsHolder(t *testing.T) {
	dir := t.TempDir()
	first, second := open(t, dir), open(t, dir)
	release, err := first.Lock("run one")
	if err != nil {
		t.Fatal(err)
	}
	_, err = second.Lock("run two")
	var locked *files.LockedError
	if !errors.As(err, &locked) || locked.By != "run one" {
		t.Errorf("the second lock: %v", err)
	}
	if paths, _ := seen(t, second); len(paths) > 0 {
		t.Errorf("a walk saw the lock: %q", paths)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = second.Lock("run two")
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestALockOutlivesNoProcess(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, files.LockName), "run zero, which was killed, with a long name")
	r := open(t, dir)
	release, err := r.Lock("run one")
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadFile(filepath.Join(dir, files.LockName)); string(left) != "run one" {
		t.Errorf("the lock says %q", left)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

// Seen to fail when Lock did not look whether the file it had locked still had its name.
func TestOneHoldsTheLockAtATime(t *testing.T) {
	dir := t.TempDir()
	var holders, taken atomic.Int64
	var running sync.WaitGroup
	for range 8 {
		r := open(t, dir)
		running.Go(func() {
			for range 500 {
				release, err := r.Lock("somebody")
				if err != nil {
					continue
				}
				taken.Add(1)
				if holders.Add(1) > 1 {
					t.Error("two hold the lock")
				}
				holders.Add(-1)
				if err := release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	if taken.Load() == 0 {
		t.Error("the lock was never taken: the test tests nothing")
	}
}
