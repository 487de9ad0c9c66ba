package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// Ctrl-C in the middle of a build ends the demo at once and with all that it started, and says how to go on. In the
// place of Go is a program that never ends. Seen to fail without the trap.
func TestCtrlCStopsTheDemo(t *testing.T) {
	folder := t.TempDir()
	started := filepath.Join(folder, "started")
	script := "#!/bin/sh\ntouch '" + started + "'\nexec sleep infinity\n"
	if err := os.WriteFile(filepath.Join(folder, "go"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	demo := exec.Command(filepath.Join(tooltest.Root(), "hack", "demo", "demo.sh"), "up")
	demo.Env = append(os.Environ(), "DEMO_CLUSTER=none", "PATH="+folder+":"+os.Getenv("PATH"))
	demo.Stdout, demo.Stderr = &said, &said
	demo.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a terminal's foreground
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	group := -demo.Process.Pid
	t.Cleanup(func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	until(t, "the demo builds", func() bool { _, err := os.Stat(started); return err == nil })
	if err := syscall.Kill(group, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = demo.Wait()
	if code := demo.ProcessState.ExitCode(); code != 130 || !strings.Contains(said.String(),
		"make demo goes on from here, make demo-down removes") {
		t.Errorf("it exits with %d and says %q", code, said.String())
	}
	until(t, "nothing of it is left", func() bool { return syscall.Kill(group, 0) == syscall.ESRCH })
}

// until looks until it is so, for much longer than it takes on a busy machine.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within two minutes: %s", what)
		}
	}
}
