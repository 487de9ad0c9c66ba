package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/hack/tools/cluster/cgroup"
	"ucorefs.io/maintenance/hack/tools/cluster/record"
)

// down stops the cluster and removes all of it. A cluster that is dead, half started or not there is fine too.
func (c cluster) down() error {
	lock, err := c.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := c.owned(); err != nil {
		return err
	}
	if err := c.remove(); err != nil {
		return err
	}
	if err := os.Remove(string(c.dir)); err != nil {
		return fmt.Errorf("remove the cluster's directory: %w", err)
	}
	_ = os.Remove(filepath.Dir(string(c.dir))) // only if it was the last cluster there
	return nil
}

// remove ends the cluster's processes and empties its directory.
func (c cluster) remove() error { return c.removeAllBut() }

// removeAllBut keeps some entries of the directory. The record goes last: until then the rest can be found again.
func (c cluster) removeAllBut(keep ...string) error {
	if err := c.kill(); err != nil {
		return err
	}
	hierarchies, err := cgroup.Hierarchies()
	if err != nil {
		return err
	}
	if err := cgroup.Remove(hierarchies, c.cgroup()); err != nil {
		return err
	}
	entries, err := os.ReadDir(string(c.dir))
	if err != nil {
		return fmt.Errorf("list the cluster's directory: %w", err)
	}
	record := filepath.Base(c.dir.Record())
	for _, entry := range entries {
		if entry.Name() == record || slices.Contains(keep, entry.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(string(c.dir), entry.Name())); err != nil {
			return fmt.Errorf("remove the cluster's data: %w", err)
		}
	}
	if len(keep) > 0 {
		return nil // the record still marks the directory
	}
	return os.RemoveAll(c.dir.Record())
}

// kill ends the supervisor, and with it the kernel every process of the cluster, before it returns. The process is
// held by a descriptor while it is compared with the record, so that no other can take its id in between.
func (c cluster) kill() error {
	r, err := record.Load(c.dir.Record())
	if errors.Is(err, record.ErrNone) || (err == nil && r.PID == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	process, err := unix.PidfdOpen(r.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open process %d: %w", r.PID, err)
	}
	defer unix.Close(process)
	if !r.Same() {
		return nil
	}
	if err := unix.PidfdSendSignal(process, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill the supervisor: %w", err)
	}
	return waitGone(process)
}

// waitGone waits until the process is gone, which the first process of a PID namespace is after all others.
func waitGone(process int) error {
	fds := []unix.PollFd{{Fd: int32(process), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, 30_000)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("wait for the cluster's end: %w", err)
		case n == 0:
			return errors.New("the cluster's processes are still there 30s after they were killed")
		default:
			return nil
		}
	}
}
