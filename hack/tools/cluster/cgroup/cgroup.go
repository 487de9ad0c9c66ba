// Package cgroup makes and removes the control group that holds a cluster's pods, on every hierarchy the host has:
// one for each controller in version 1, a single one in version 2, both in a hybrid.
//
// Control groups are the one thing of a cluster that outlives its namespaces, so they are removed by path.
package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Hierarchy is one mounted control group file system.
type Hierarchy struct {
	Path string
	V2   bool
}

// Hierarchies lists what /proc/self/mountinfo says is mounted.
func Hierarchies() ([]Hierarchy, error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("list the control group hierarchies: %w", err)
	}
	return parse(string(mounts)), nil
}

func parse(mountinfo string) []Hierarchy {
	var found []Hierarchy
	for line := range strings.Lines(mountinfo) {
		before, after, _ := strings.Cut(line, " - ")
		mount, kind := strings.Fields(before), strings.Fields(after)
		if len(mount) < 5 || len(kind) < 1 || (kind[0] != "cgroup" && kind[0] != "cgroup2") {
			continue
		}
		found = append(found, Hierarchy{Path: mount[4], V2: kind[0] == "cgroup2"})
	}
	return found
}

// Create makes the group name in every hierarchy.
func Create(hierarchies []Hierarchy, name string) error {
	for _, h := range hierarchies {
		if h.V2 {
			delegate(h.Path)
		}
		if err := os.Mkdir(filepath.Join(h.Path, name), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("make control group: %w", err)
		}
		if err := inheritCPUSet(h.Path, name); err != nil {
			return err
		}
	}
	return nil
}

// delegate lets children of a version 2 root use its controllers. It is tried one controller at a time and not
// insisted on: systemd has usually done it already, and the kubelet names what it misses.
func delegate(root string) {
	controllers, _ := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	for _, c := range strings.Fields(string(controllers)) {
		_ = os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+"+c), 0)
	}
}

// inheritCPUSet copies the processors and memory nodes: in version 1 a new cpuset is empty and can hold no process.
func inheritCPUSet(root, name string) error {
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(root, file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		if err := os.WriteFile(filepath.Join(root, name, file), value, 0); err != nil {
			return fmt.Errorf("set %s: %w", file, err)
		}
	}
	return nil
}

// Remove removes the group name and all below it from every hierarchy. Killed processes leave their group a moment
// after they are gone from the process table, so a busy group is tried again for a short while.
func Remove(hierarchies []Hierarchy, name string) error {
	var errs []error
	for _, h := range hierarchies {
		errs = append(errs, removeTree(filepath.Join(h.Path, name), time.Now().Add(10*time.Second)))
	}
	return errors.Join(errs...)
}

func removeTree(dir string, deadline time.Time) error {
	children, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list control group: %w", err)
	}
	for _, child := range children {
		if !child.IsDir() {
			continue
		}
		if err := removeTree(filepath.Join(dir, child.Name()), deadline); err != nil {
			return err
		}
	}
	return removeOne(dir, deadline)
}

func removeOne(dir string, deadline time.Time) error {
	for {
		err := os.Remove(dir)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("remove control group: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
