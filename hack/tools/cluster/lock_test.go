package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
	"ucorefs.io/maintenance/hack/tools/cluster/record"
)

func TestOwned(t *testing.T) {
	c := cluster{"dev", layout.Dir(t.TempDir()), ""}
	if err := c.owned(); err != nil {
		t.Errorf("an empty directory: %v", err)
	}
	if err := os.WriteFile(filepath.Join(string(c.dir), "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.owned(); err == nil {
		t.Error("somebody else's directory is taken")
	}
	if err := (record.Record{Name: "dev"}).Save(c.dir.Record()); err != nil {
		t.Fatal(err)
	}
	if err := c.owned(); err != nil {
		t.Errorf("a cluster's directory: %v", err)
	}
}

func TestLockOutlivesTheDirectoryOfAnother(t *testing.T) {
	c := cluster{"dev", layout.Dir(filepath.Join(t.TempDir(), "dev")), ""}
	first, err := c.lock()
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan *os.File)
	go func() {
		f, err := c.lock()
		if err != nil {
			t.Error(err)
		}
		second <- f
	}()
	select {
	case <-second:
		t.Fatal("two hold the lock")
	case <-time.After(50 * time.Millisecond):
	}
	if err := os.Remove(string(c.dir)); err != nil { // as down does, while the other waits
		t.Fatal(err)
	}
	first.Close()
	defer (<-second).Close()
	if _, err := os.Stat(string(c.dir)); err != nil {
		t.Errorf("the second holds a directory that is gone: %v", err)
	}
}

func TestControlGroupNames(t *testing.T) {
	one, two := cluster{"dev", "/a/dev", ""}, cluster{"dev", "/b/dev", ""}
	if one.cgroup() == two.cgroup() {
		t.Errorf("two checkouts share %s", one.cgroup())
	}
	if want := "local-cluster-dev-"; one.cgroup()[:len(want)] != want || len(one.cgroup()) != len(want)+8 {
		t.Errorf("got %s", one.cgroup())
	}
}
