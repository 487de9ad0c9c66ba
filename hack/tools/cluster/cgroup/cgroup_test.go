package cgroup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	mountinfo := `24 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
31 30 0:27 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
32 30 0:28 / /sys/fs/cgroup/unified rw shared:10 master:2 - cgroup2 cgroup2 rw
33 30 0:29 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
`
	want := []Hierarchy{{"/sys/fs/cgroup/memory", false}, {"/sys/fs/cgroup/unified", true}}
	if got := parse(mountinfo); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// TestCreateAndRemove uses plain directories, in which a group is a directory like any other.
func TestCreateAndRemove(t *testing.T) {
	v1, v2 := t.TempDir(), t.TempDir()
	write(t, filepath.Join(v1, "cpuset.cpus"), "0-1\n")
	hierarchies := []Hierarchy{{v1, false}, {v2, true}}
	for range 2 { // what a killed cluster left is no hindrance
		if err := Create(hierarchies, "group"); err != nil {
			t.Fatal(err)
		}
	}
	cpus, err := os.ReadFile(filepath.Join(v1, "group/cpuset.cpus"))
	if err != nil || string(cpus) != "0-1\n" {
		t.Errorf("processors %q, %v", cpus, err)
	}
	// The files of a control group vanish with it; those of this directory do not.
	if err := os.Remove(filepath.Join(v1, "group/cpuset.cpus")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(v1, "group/pods/pod/container"), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // removing nothing is fine
		if err := Remove(hierarchies, "group"); err != nil {
			t.Fatal(err)
		}
	}
	for _, root := range []string{v1, v2} {
		if _, err := os.Stat(filepath.Join(root, "group")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("still there in %s: %v", root, err)
		}
	}
}

func write(t *testing.T, path, content string) {
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
