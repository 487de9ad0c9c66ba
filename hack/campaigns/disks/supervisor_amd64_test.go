package disks

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// This process traces another one (ptrace(2)), which stops before each of certain system calls: the call is let
// through, or answered in the kernel's place.

// calls are the system calls that concern files, and where their arguments name one: a folder and a path, a path
// alone, or an open file.
var calls = map[int32]struct {
	name      string
	dir, path int // -1: none
}{
	unix.SYS_OPENAT: {"openat", 0, 1}, unix.SYS_OPENAT2: {"openat2", 0, 1}, unix.SYS_NEWFSTATAT: {"newfstatat", 0, 1},
	unix.SYS_STATX: {"statx", 0, 1}, unix.SYS_UNLINKAT: {"unlinkat", 0, 1}, unix.SYS_MKDIRAT: {"mkdirat", 0, 1},
	unix.SYS_RENAMEAT: {"renameat", 0, 1}, unix.SYS_RENAMEAT2: {"renameat2", 0, 1}, unix.SYS_LINKAT: {"linkat", 0, 1},
	unix.SYS_SYMLINKAT: {"symlinkat", 1, 2}, unix.SYS_READLINKAT: {"readlinkat", 0, 1}, unix.SYS_FSTAT: {"fstat", 0, -1},
	unix.SYS_FSTATFS:    {"fstatfs", 0, -1},
	unix.SYS_GETDENTS64: {"getdents64", 0, -1}, unix.SYS_FSYNC: {"fsync", 0, -1}, unix.SYS_READ: {"read", 0, -1},
	unix.SYS_PREAD64: {"pread64", 0, -1}, unix.SYS_WRITE: {"write", 0, -1}, unix.SYS_CLOSE: {"close", 0, -1},
	unix.SYS_FTRUNCATE: {"ftruncate", 0, -1}, unix.SYS_FCHOWN: {"fchown", 0, -1}, unix.SYS_FCHMOD: {"fchmod", 0, -1},
	unix.SYS_LSEEK: {"lseek", 0, -1}, unix.SYS_FLOCK: {"flock", 0, -1}, unix.SYS_COPY_FILE_RANGE: {"copy_file_range", 0,
		-1},
}

// question is a call that is about to be made.
type question struct {
	Pid  int // of the thread
	Nr   int32
	Args [6]uint64
}

// answer is what becomes of it.
type answer struct {
	letThrough bool
	value      int64 // else: what it returns
}

var letThrough = answer{letThrough: true}

func failed(err syscall.Errno) answer { return answer{value: -int64(err)} }

// traced runs this program once more, as env says, and decides each of its calls. It gives what the program printed.
func traced(env []string, decide func(question) answer) (out []byte, err error) {
	runtime.LockOSThread() // one thread alone may trace
	defer runtime.UnlockOSThread()
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	p, err := os.StartProcess("/proc/self/exe", []string{"run"}, &os.ProcAttr{
		Env: env, Files: []*os.File{nil, write, os.Stderr}, Sys: &syscall.SysProcAttr{Ptrace: true, Setpgid: true},
	})
	if err := errors.Join(err, write.Close()); err != nil {
		return nil, err
	}
	printed := make(chan []byte, 1)
	go func() { all, _ := io.ReadAll(read); printed <- all }()
	status, err := follow(p.Pid, decide)
	if err == nil && status.ExitStatus() != 0 {
		err = fmt.Errorf("the run ended with %v", status)
	}
	return <-printed, errors.Join(err, p.Release())
}

// follow is the tracer's loop, until the process is gone. Each thread stops before and after a call.
func follow(pid int, decide func(question) answer) (end syscall.WaitStatus, err error) {
	const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_EXITKILL
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, unix.WALL, nil); err != nil {
		return status, err
	}
	if err := errors.Join(syscall.PtraceSetOptions(pid, options), syscall.PtraceSyscall(pid, 0)); err != nil {
		return status, err
	}
	inside := map[int]*answer{} // the threads that are in a call, with its answer
	for {
		thread, err := syscall.Wait4(-pid, &status, unix.WALL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD):
			return end, nil
		case err != nil:
			return end, err
		case !status.Stopped():
			if delete(inside, thread); thread == pid {
				end = status
			}
			continue
		}
		signal := 0
		switch status.StopSignal() {
		case unix.SIGTRAP | 0x80:
			if a := inside[thread]; a != nil {
				leave(thread, *a)
				delete(inside, thread)
			} else {
				inside[thread] = enter(thread, decide)
			}
		case unix.SIGTRAP, unix.SIGSTOP: // a thread began
		default:
			signal = int(status.StopSignal())
		}
		_ = syscall.PtraceSyscall(thread, signal) // it may be gone
	}
}

// enter decides a call; one that is answered is not made.
func enter(thread int, decide func(question) answer) *answer {
	var r syscall.PtraceRegs
	if syscall.PtraceGetRegs(thread, &r) != nil {
		return &answer{letThrough: true}
	}
	if int64(r.Rax) != -int64(unix.ENOSYS) {
		return nil // it is the end of a call whose beginning was missed
	}
	if _, concerns := calls[int32(r.Orig_rax)]; !concerns {
		return &answer{letThrough: true}
	}
	a := decide(question{thread, int32(r.Orig_rax), [6]uint64{r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9}})
	if !a.letThrough {
		r.Orig_rax = ^uint64(0)
		_ = syscall.PtraceSetRegs(thread, &r)
	}
	return &a
}

// leave gives a call that was answered its result.
func leave(thread int, a answer) {
	var r syscall.PtraceRegs
	if a.letThrough || syscall.PtraceGetRegs(thread, &r) != nil {
		return
	}
	r.Rax = uint64(a.value)
	_ = syscall.PtraceSetRegs(thread, &r)
}

// path is the file that a call is about; empty where it is none.
func (q question) path() string {
	call := calls[q.Nr]
	dir := ""
	if fd := int32(q.Args[call.dir]); fd >= 0 {
		dir, _ = os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", q.Pid, fd))
	}
	if call.path < 0 {
		return dir
	}
	name := q.text(q.Args[call.path])
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// text is a string in the memory of the process.
func (q question) text(at uint64) string {
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", q.Pid))
	if err != nil {
		return ""
	}
	defer memory.Close()
	buffer := make([]byte, 4096)
	n, _ := memory.ReadAt(buffer, int64(at))
	if n == 0 { // the end of a page
		n, _ = memory.ReadAt(buffer[:4096-at%4096], int64(at))
	}
	text, _, _ := bytes.Cut(buffer[:n], []byte{0})
	return string(text)
}

// short does a call that reads in the process's place, and gives it a part of what there was. The rest of a
// file comes with the next call, the rest of a folder never.
func (q question) short() answer {
	pidfd, err := unix.PidfdOpen(threadGroup(q.Pid), 0)
	if err != nil {
		return letThrough
	}
	defer unix.Close(pidfd)
	fd, err := unix.PidfdGetfd(pidfd, int(q.Args[0]), 0)
	if err != nil {
		return letThrough
	}
	defer unix.Close(fd)
	buffer := make([]byte, q.Args[2])
	n := 0
	switch q.Nr {
	case unix.SYS_GETDENTS64:
		n, err = unix.Getdents(fd, buffer)
		n = half(buffer[:max(n, 0)])
	case unix.SYS_READ:
		all, failed := unix.Read(fd, buffer)
		n, err = (max(all, 0)+1)/2, failed
		_, _ = unix.Seek(fd, int64(n-max(all, 0)), io.SeekCurrent) // the rest comes with the next call
	default:
		n, err = unix.Pread(fd, buffer, int64(q.Args[3]))
		n = (n + 1) / 2
	}
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return failed(errno)
	}
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", q.Pid), os.O_WRONLY, 0)
	if err != nil {
		return failed(unix.EIO)
	}
	defer memory.Close()
	if _, err := memory.WriteAt(buffer[:n], int64(q.Args[1])); err != nil {
		return failed(unix.EIO)
	}
	return answer{value: int64(n)}
}

// half is the length of the first half of some directory entries.
func half(entries []byte) (n int) {
	for n < len(entries)/2 {
		n += int(binary.NativeEndian.Uint16(entries[n+16:]))
	}
	return n
}

// threadGroup is the process of a thread.
func threadGroup(thread int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", thread))
	_, rest, _ := strings.Cut(string(status), "Tgid:")
	pid := 0
	_, _ = fmt.Sscan(rest, &pid)
	return pid
}
