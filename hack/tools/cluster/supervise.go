package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/node"
	"ucorefs.io/maintenance/hack/tools/cluster/record"
)

// supervise starts the cluster's first process and follows it until the cluster works. That process does nothing
// before it is on record, so that a kill at any moment leaves either nothing or a process that down will find.
func (c cluster) supervise(ctx context.Context, listener *net.TCPListener, port int, timeout time.Duration) error {
	api, err := listener.File()
	if err != nil {
		return fmt.Errorf("hand over the API server's port: %w", err)
	}
	defer api.Close()
	progress, progressEnd, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	defer progress.Close()
	gateEnd, gate, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	defer gate.Close()
	cmd, err := c.spawn(timeout, progressEnd, api, gateEnd)
	progressEnd.Close()
	gateEnd.Close()
	if err != nil {
		return err
	}
	if err := c.admit(cmd.Process.Pid, port, gate); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	return c.follow(ctx, progress)
}

// spawn starts the program again, as process 1 of new namespaces. The extra files are those that node.Init expects.
func (c cluster) spawn(timeout time.Duration, files ...*os.File) (*exec.Cmd, error) {
	log, err := os.Create(c.dir.Log("supervisor"))
	if err != nil {
		return nil, fmt.Errorf("make the supervisor's log: %w", err)
	}
	defer log.Close()
	cmd := &exec.Cmd{
		Path: "/proc/self/exe", Args: c.argv(initCommand, timeout), Dir: "/",
		Env:    append(os.Environ(), "TOOLS_DIR="+strings.TrimSuffix(c.tools, "/bin")),
		Stdout: log, Stderr: log, ExtraFiles: files,
		SysProcAttr: &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
			Setsid:     true,
		},
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the supervisor in new namespaces: %w", err)
	}
	return cmd, nil
}

// admit puts the process on record and lets it begin.
func (c cluster) admit(pid, port int, gate *os.File) error {
	r, err := record.Of(c.name, pid, port)
	if err != nil {
		return err
	}
	if err := r.Save(c.dir.Record()); err != nil {
		return err
	}
	if _, err := gate.Write([]byte{1}); err != nil {
		return fmt.Errorf("let the supervisor begin: %w", err)
	}
	return nil
}

// follow prints each step as it begins, with the time since the start, until the cluster works or has failed.
func (c cluster) follow(ctx context.Context, progress io.Reader) error {
	begin := time.Now()
	messages := bufio.NewScanner(progress)
	for messages.Scan() {
		kind, rest, _ := strings.Cut(messages.Text(), " ")
		switch kind {
		case node.Step:
			fmt.Printf("%5.1fs  %s\n", time.Since(begin).Seconds(), rest)
		case node.Done:
			return os.WriteFile(c.dir.Ready(), nil, 0o644)
		case node.Failed:
			component, reason, _ := strings.Cut(rest, " ")
			return c.failure(component, reason)
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: %w", ctx.Err())
	}
	return c.failure("supervisor", "the supervisor died")
}

func (c cluster) failure(component, reason string) error {
	return fmt.Errorf("%s\nthe end of %s:\n%s\nall logs: %s", reason, c.dir.Log(component), c.tail(component),
		c.dir.Logs())
}
