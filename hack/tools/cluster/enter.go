package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
	"ucorefs.io/maintenance/hack/tools/cluster/node"
	"ucorefs.io/maintenance/hack/tools/cluster/record"
)

// load imports image tarballs. They are read here and piped in: inside, their paths may mean something else.
func (c cluster) load(tarballs []string) error {
	if len(tarballs) == 0 {
		return errors.New("load: name the image tarballs")
	}
	for _, tarball := range tarballs {
		if err := c.loadOne(tarball); err != nil {
			return fmt.Errorf("load %s: %w", tarball, err)
		}
	}
	return nil
}

func (c cluster) loadOne(tarball string) error {
	file, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer file.Close()
	cmd, err := c.command("ctr", "--address", layout.Containerd, "--namespace", "k8s.io", "images", "import", "-")
	if err != nil {
		return err
	}
	cmd.Stdin = file
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("import: %w\n%s", err, out)
	}
	fmt.Println("loaded", tarball)
	return nil
}

// exec runs a command as the cluster's own processes are run.
func (c cluster) exec(args []string) error {
	if len(args) == 0 {
		return errors.New("exec: name a command")
	}
	cmd, err := c.command(args...)
	if err != nil {
		return err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// command is a command that will run inside the cluster's namespaces.
func (c cluster) command(args ...string) (*exec.Cmd, error) {
	r, err := record.Load(c.dir.Record())
	if err != nil || !r.Alive() {
		return nil, fmt.Errorf("cluster %s is not running: cluster up --name %s", c.name, c.name)
	}
	enter := []string{"--target", strconv.Itoa(r.PID), "--mount", "--net", "--pid", "--ipc", "--uts", "--", "env"}
	for name, value := range node.Environment() {
		enter = append(enter, name+"="+value)
	}
	return exec.Command("nsenter", append(enter, args...)...), nil
}

// status prints one line; it is an error unless the cluster is running.
func (c cluster) status() error {
	r, err := record.Load(c.dir.Record())
	switch {
	case errors.Is(err, record.ErrNone):
		return fmt.Errorf("cluster %s does not exist", c.name)
	case err != nil:
		return err
	case !r.Alive():
		return fmt.Errorf("cluster %s is dead; up starts it anew, down removes it; logs: %s", c.name, c.dir.Logs())
	case !c.running():
		return fmt.Errorf("cluster %s is starting; logs: %s", c.name, c.dir.Logs())
	}
	fmt.Printf("cluster %s is running: process %d, https://127.0.0.1:%d, KUBECONFIG=%s, logs %s\n",
		c.name, r.PID, r.APIPort, c.dir.Kubeconfig(), c.dir.Logs())
	return nil
}
