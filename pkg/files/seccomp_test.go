package files_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
)

// forbid has the kernel answer a system call of this process with an error, as the profile of a container does.
func forbid(t *testing.T, call uint32, answer unix.Errno) {
	t.Helper()
	const number = 0 // of the call, in seccomp_data
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 0, Jf: 1, K: call},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(answer)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	ok(t, unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		t.Fatalf("seccomp: %v", errno)
	}
}

// inOwnProcess tells a test that it may restrict its process: it runs the test once more, in a process of its own.
func inOwnProcess(t *testing.T) bool {
	t.Helper()
	const mark = "FILES_TEST_RESTRICTED"
	if os.Getenv(mark) == "1" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mark+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("in a process of its own: %v\n%s", err, out)
	}
	return false
}

func TestASandboxThatForbidsOpenat2IsNamed(t *testing.T) {
	if !inOwnProcess(t) {
		return
	}
	dir := t.TempDir()
	forbid(t, unix.SYS_OPENAT2, unix.EPERM)
	if _, err := files.Open(dir, nil); !errors.Is(err, files.ErrNoOpenat2) {
		t.Errorf("Open: %v", err)
	}
	if _, err := openLibrary(t, dir).Identity(); !errors.Is(err, files.ErrNoOpenat2) {
		t.Errorf("Identity: %v", err)
	}
}

func TestASandboxThatForbidsRenameat2RenamesTheSlowerWay(t *testing.T) {
	if !inOwnProcess(t) {
		return
	}
	for _, answer := range []unix.Errno{unix.EPERM, unix.ENOSYS} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a"), "x")
		write(t, filepath.Join(dir, "taken"), "y")
		root, err := files.Open(dir, nil)
		ok(t, err)
		var seen files.Entry
		_, err = root.Walk(t.Context(), files.Visit{File: func(e files.Entry) error {
			if e.Path == "a" {
				seen = e
			}
			return nil
		}})
		ok(t, err)
		forbid(t, unix.SYS_RENAMEAT2, answer)
		if err := root.Rename(seen, "taken"); !errors.Is(err, os.ErrExist) {
			t.Errorf("%v: over another file: %v", answer, err)
		}
		ok(t, root.Rename(seen, "b"))
		if content, err := os.ReadFile(filepath.Join(dir, "b")); err != nil || string(content) != "x" {
			t.Errorf("%v: %q, %v", answer, content, err)
		}
		ok(t, root.Close())
	}
}
