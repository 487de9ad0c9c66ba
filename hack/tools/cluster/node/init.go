// Package node is the inside of a local cluster: the process that the command starts in new namespaces.
//
// It comes in two processes. Init is process 1 of the PID namespace: it collects orphans and does nothing else, and
// when it ends for whatever reason the kernel kills every process of the cluster, and with the last of them go the
// cluster's mounts, network interfaces and packet filter rules. Supervise is its only child: it builds the file
// system and the network, starts the components, and keeps them running.
package node

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// The files a cluster's first process is started with, after standard input, output and error.
const (
	ProgressFD = 3 // where to write what is being done, one message a line
	APIFD      = 4 // a listening socket of the host's network namespace
	GateFD     = 5 // a byte here says that the supervisor is on record; its end that it never will be
)

// Init waits until it is on record, mounts its own /proc, starts argv and collects orphans until that process ends.
func Init(argv []string) error {
	gate := os.NewFile(GateFD, "gate")
	if _, err := io.ReadFull(gate, make([]byte, 1)); err != nil {
		return fmt.Errorf("wait to be recorded: %w", err)
	}
	gate.Close()
	if err := separateMounts(); err != nil {
		return err
	}
	pid, err := syscall.ForkExec("/proc/self/exe", argv, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2, ProgressFD, APIFD},
	})
	if err != nil {
		return fmt.Errorf("start %s: %w", filepath.Base(argv[0]), err)
	}
	_ = syscall.Close(ProgressFD)
	_ = syscall.Close(APIFD)
	return reapUntil(pid)
}

// separateMounts cuts the mounts off from the host's, and lets the kubelet's own volumes propagate to containers.
func separateMounts() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make the mounts private: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return fmt.Errorf("make the mounts shared among themselves: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	return nil
}

func reapUntil(pid int) error {
	for {
		var status syscall.WaitStatus
		got, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return fmt.Errorf("wait for children: %w", err)
		case got == pid:
			return fmt.Errorf("the supervisor ended, status %d", status.ExitStatus())
		}
	}
}
