package disks

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/report"
)

// served is a state of a library on a disk that a program serves.
type served struct {
	name string
	do   func(l *lab, f *fuse)
	gone []string // the records that go; all others stay
	// verdict is what a run must say; empty: anything.
	verdict report.Outcome
}

// A disk that a program serves has no marker, and its numbers are those of every such disk: only its files tell it from
// another. No record of a file that is there may go.
func TestNoRecordIsLostOnADiskThatAProgramServes(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		t.Skip("this kernel has no FUSE")
	}
	server := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	states := servedStates()
	for _, s := range states {
		t.Run(s.name, func(t *testing.T) {
			l := emptyLab(t, server)
			f := l.serveFuse(l.root, living...)
			l.settle()
			s.do(l, f)
			for range 2 {
				r := l.run()
				want := slices.DeleteFunc(sorted(living), func(name string) bool {
					return slices.Contains(s.gone, name)
				})
				if left := l.left(); !slices.Equal(left, want) {
					t.Errorf("%s/%s %s: left are %v, want %v", r.Outcome, r.Reason, r.Message, left, want)
				}
				if s.verdict != "" && r.Outcome != s.verdict {
					t.Errorf("the run is %s/%s, want %s: %s", r.Outcome, r.Reason, s.verdict, r.Message)
				}
			}
		})
	}
	t.Logf("%d states of disks that a program serves, 0 records lost", len(states))
}

func servedStates() []served {
	return append(answeringDisks(), []served{
		{"nothing changes", func(*lab, *fuse) {}, nil, report.Succeeded},
		{"a file is deleted", func(_ *lab, f *fuse) { f.remove("a") }, []string{"a"}, report.Succeeded},
		{"a folder is deleted", func(_ *lab, f *fuse) {
			f.remove("2019/deep")
		}, []string{"2019/deep/e", "2019/deep/f"}, report.Succeeded},
		{"the same disk is served again, without a file", func(l *lab, _ *fuse) {
			l.serveAgain(living[1:]...)
		}, []string{"a"}, report.Succeeded},
		{"another disk with one of the files", func(l *lab, _ *fuse) { l.serveAgain("a") }, nil, report.Refused},
		{"another disk with less than half of the files", func(l *lab, _ *fuse) {
			l.serveAgain(living[:4]...)
		}, nil, report.Refused},
		{"another disk with other files", func(l *lab, _ *fuse) { l.serveAgain("x", "2019/y") }, nil, report.Refused},
		{"an empty disk", func(l *lab, _ *fuse) { l.serveAgain() }, nil, report.Refused},
		{"the program is gone", func(_ *lab, f *fuse) { f.die() }, nil, report.Refused},
		{"the program goes while a run is under way", func(l *lab, f *fuse) { l.during = f.die }, nil, ""},
		{"an empty disk comes while a run is under way", func(l *lab, _ *fuse) {
			l.during = func() { l.serveAgain() }
		}, nil, ""},
	}...)
}

// answeringDisks are states in which the program answers in odd ways.
func answeringDisks() []served {
	half := func(names []string) []string { return names[:len(names)/2] }
	fails := func(op uint32, errno unix.Errno, below string) func(*lab, *fuse) {
		return func(_ *lab, f *fuse) {
			f.fails = func(is uint32, path string) unix.Errno {
				if is == op && strings.HasPrefix(path, below) {
					return errno
				}
				return 0
			}
		}
	}
	states := []served{
		{"a listing holds half of the names", func(_ *lab, f *fuse) { f.list = half }, nil, ""},
		{"a listing holds nothing", func(_ *lab, f *fuse) { f.list = func([]string) []string { return nil } }, nil, ""},
		{"a listing holds every name twice", func(_ *lab, f *fuse) {
			f.list = func(n []string) []string { return append(n, n...) }
		}, nil, ""},
		{"a listing holds half of the names, and no name is found", func(l *lab, f *fuse) {
			f.list = half
			fails(fuseLookup, unix.EIO, "2019/")(l, f)
		}, nil, ""},
		{"a listing lacks a name", func(_ *lab, f *fuse) { f.list = without("a") }, nil, report.Succeeded},
		{"nothing says what it is", func(_ *lab, f *fuse) {
			f.typeless = true
			f.remove("a")
		}, []string{"a"}, report.Succeeded},
		{"each look finds another inode", func(_ *lab, f *fuse) { f.shifting = true }, nil, ""},
	}
	for name, errno := range map[string]unix.Errno{
		"EIO": unix.EIO, "EACCES": unix.EACCES, "ESTALE": unix.ESTALE, "ENOTCONN": unix.ENOTCONN,
		"ETIMEDOUT": unix.ETIMEDOUT,
	} {
		states = append(states,
			served{"no folder is listed: " + name, fails(fuseReaddir, errno, ""), nil, ""},
			served{"a folder is not listed: " + name, fails(fuseReaddir, errno, "2019"), nil, ""},
			served{"a folder is not opened: " + name, fails(fuseOpendir, errno, "2019"), nil, ""},
			served{"nothing is found: " + name, fails(fuseLookup, errno, ""), nil, ""},
			served{"nothing says what it is: " + name, fails(fuseGetattr, errno, ""), nil, ""},
		)
	}
	for times := 1; times <= 4; times++ {
		states = append(states, served{fmt.Sprintf("a folder is listed %d times without a file, and not again", times),
			func(_ *lab, f *fuse) { f.listedOften(times, "2019", "c") }, nil, ""})
	}
	slices.SortFunc(states, func(a, b served) int { return strings.Compare(a.name, b.name) })
	return states
}

// serveAgain puts another disk in the place of the root.
func (l *lab) serveAgain(files ...string) {
	l.t.Helper()
	l.unmount(l.root)
	l.serveFuse(l.root, files...)
}

// without is a listing that lacks a name.
func without(name string) func([]string) []string {
	return func(names []string) []string {
		return slices.DeleteFunc(names, func(one string) bool { return one == name })
	}
}

// listedOften has a file not found, and its folder not listed more than some times.
func (f *fuse) listedOften(times int, folder, file string) {
	requests := 0
	f.list = without(file)
	f.fails = func(op uint32, path string) unix.Errno {
		if op == fuseLookup && path == folder+"/"+file {
			return unix.ENOENT
		}
		if op != fuseReaddir || path != folder {
			return 0
		}
		if requests++; requests > 2*times { // each time the names, and that there are no more
			return unix.EIO
		}
		return 0
	}
}

func (f *fuse) remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for file := range f.files {
		if file == name || strings.HasPrefix(file, name+"/") {
			delete(f.files, file)
		}
	}
}
