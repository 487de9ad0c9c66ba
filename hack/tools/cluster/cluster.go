package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

// The commands with which the program starts itself inside the namespaces.
const (
	initCommand      = "internal-init"
	superviseCommand = "internal-supervise"
)

// cluster is one cluster of this machine: running, dead or not yet there.
type cluster struct {
	name  string
	dir   layout.Dir // absolute
	tools string     // where the binaries are
}

// locate finds a cluster's directories without touching them.
func locate(name, dir string) (cluster, error) {
	if !validName.MatchString(name) {
		return cluster{}, fmt.Errorf("name %q: want up to 32 lower case letters, digits and dashes", name)
	}
	tools := os.Getenv("TOOLS_DIR")
	if dir == "" || tools == "" {
		root, err := repository()
		if err != nil {
			return cluster{}, err
		}
		if dir == "" {
			dir = filepath.Join(root, ".cluster", name)
		}
		if tools == "" {
			tools = filepath.Join(root, ".tools")
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return cluster{}, fmt.Errorf("find %s: %w", dir, err)
	}
	tools, err = filepath.Abs(filepath.Join(tools, "bin"))
	return cluster{name, layout.Dir(dir), tools}, err
}

// repository is the nearest directory with hack/tools/cluster/go.mod, upwards from here or from the program itself.
func repository() (string, error) {
	here, _ := os.Getwd()
	program, _ := os.Executable()
	for _, start := range []string{here, filepath.Dir(program)} {
		for dir := start; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "hack/tools/cluster/go.mod")); err == nil {
				return dir, nil
			}
		}
	}
	return "", errors.New("not in the repository: change into it, or set TOOLS_DIR and --dir")
}

// cgroup is the name of the control group for the pods. The directory is part of it, because two checkouts may
// each have a cluster of the same name.
func (c cluster) cgroup() string {
	return fmt.Sprintf("local-cluster-%s-%x", c.name, sha256.Sum256([]byte(c.dir)))[:len("local-cluster-")+len(c.name)+9]
}

func (c cluster) argv(command string, timeout time.Duration) []string {
	return []string{"cluster", command, "--name", c.name, "--dir", string(c.dir), "--timeout", timeout.String()}
}
