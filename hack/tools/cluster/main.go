// Command cluster runs a real Kubernetes on this machine, for tests, without a container engine or a registry:
//
//	cluster up         --name NAME [--dir DIR] [--timeout 5m]   start it; returns once the node and DNS work
//	cluster load       --name NAME IMAGE.tar...                 import images (see the image command)
//	cluster kubeconfig --name NAME                              print the path of its kubeconfig
//	cluster exec       --name NAME -- COMMAND...                run a command inside its namespaces
//	cluster status     --name NAME                              say how it is; exits 1 unless it is running
//	cluster down       --name NAME                              stop it and remove everything it made
//
// It needs Linux, root, the tools of build.sh and the packages of packages.sh. NAME is "dev" unless given. DIR, by
// default .cluster/NAME in the repository, holds all the cluster has: kubeconfig, logs/*.log, data. TOOLS_DIR, by
// default .tools in the repository, has the binaries in bin.
//
// The whole cluster lives in namespaces of its own (processes, mounts, network, IPC, host name), started by one
// process. When that process ends, be it by kill -9, the kernel ends every other and drops the mounts, interfaces
// and packet filter rules. On the host there remain DIR and the pods' control groups, which down and the next up
// remove. Clusters of different names do not see each other. The host reaches the API server on a free port of
// 127.0.0.1; pods and services are reached with exec, or with kubectl port-forward.
//
// Inside, /run, /var/lib and /var/log are the cluster's own; the rest of the host's file system is as it is, so a
// hostPath volume can point to it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"syscall"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/node"
)

const usage = "usage: cluster up|load|kubeconfig|exec|status|down [--name NAME] [--dir DIR] [--timeout 5m] " +
	"[ARGUMENT...]"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	if exit, ok := err.(*exec.ExitError); ok { // exec's command has said what there is to say
		os.Exit(max(1, exit.ExitCode()))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	command := args[0]
	flags := flag.NewFlagSet("cluster "+command, flag.ExitOnError)
	name := flags.String("name", "dev", "the cluster's name")
	dir := flags.String("dir", "", "the cluster's directory (default .cluster/NAME in the repository)")
	timeout := flags.Duration("timeout", 5*time.Minute, "how long up may take")
	flags.Usage = func() { fmt.Fprintln(os.Stderr, usage); flags.PrintDefaults() }
	_ = flags.Parse(args[1:])
	c, err := locate(*name, *dir)
	if err != nil {
		return err
	}
	return dispatch(ctx, c, command, *timeout, flags.Args())
}

func dispatch(ctx context.Context, c cluster, command string, timeout time.Duration, args []string) error {
	if err := supported(command); err != nil {
		return err
	}
	switch command {
	case "up":
		return c.up(ctx, timeout)
	case "down":
		return c.down()
	case "load":
		return c.load(args)
	case "exec":
		return c.exec(args)
	case "status":
		return c.status()
	case "kubeconfig":
		_, err := fmt.Println(c.dir.Kubeconfig())
		return err
	case initCommand:
		return node.Init(c.argv(superviseCommand, timeout))
	case superviseCommand:
		return node.Supervise(c.dir, c.tools, timeout)
	}
	return fmt.Errorf("unknown command %q\n%s", command, usage)
}

// supported says at once what would otherwise fail later and less clearly.
func supported(command string) error {
	if runtime.GOOS != "linux" {
		return errors.New("a local cluster needs Linux: run it in a Linux virtual machine")
	}
	if command != "kubeconfig" && os.Geteuid() != 0 {
		return errors.New("a local cluster needs root: run it with sudo")
	}
	return nil
}

var validName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)
