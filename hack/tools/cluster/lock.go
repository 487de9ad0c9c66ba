package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"ucorefs.io/maintenance/hack/tools/cluster/record"
)

// lock makes the cluster's directory if need be and keeps other commands out of it until the returned file is
// closed. The directory itself is what is locked; one that was removed while waiting is made and locked anew.
func (c cluster) lock() (*os.File, error) {
	for {
		if err := os.MkdirAll(string(c.dir), 0o755); err != nil {
			return nil, fmt.Errorf("make the cluster's directory: %w", err)
		}
		dir, err := os.Open(string(c.dir))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open the cluster's directory: %w", err)
		}
		if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != nil {
			return nil, fmt.Errorf("lock the cluster's directory: %w", err)
		}
		held, heldErr := dir.Stat()
		now, nowErr := os.Stat(string(c.dir))
		if heldErr == nil && nowErr == nil && os.SameFile(held, now) {
			return dir, nil
		}
		dir.Close()
	}
}

// owned refuses a directory that holds something else than a cluster: down removes all that is in it.
func (c cluster) owned() error {
	if _, err := record.Load(c.dir.Record()); !errors.Is(err, record.ErrNone) {
		return nil
	}
	entries, err := os.ReadDir(string(c.dir))
	if err != nil {
		return fmt.Errorf("list the cluster's directory: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty and no cluster's: choose another --dir", c.dir)
	}
	return nil
}
