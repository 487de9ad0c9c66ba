package disks

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// logs is a log folder and the programs that write to it.
type logs struct {
	*workshop
	lines    []string           // all that was ever written
	programs map[string]program // by the names of their logs
}

// program is who writes a log.
type program struct {
	open  *os.File // nil: it opens its log for each line
	owner int
	mode  os.FileMode
}

// logState is a state of a log folder.
type logState struct {
	name string
	do   func(l *logs)
	// says is part of a warning or of the message; empty: nothing is expected.
	says string
}

// No line is lost, whatever is in the log folder and whoever writes there: three runs rotate, and compress, while
// programs write. Nothing that is another's changes, every program can still write its log, and no generation is full
// of NUL.
func TestNoLineIsLostInAnyStateOfALogFolder(t *testing.T) {
	needsRoot(t)
	if !inMountNamespace(t) {
		return
	}
	for _, s := range logStates() {
		for how, copyTruncate := range map[string]bool{"renaming": false, "copying": true} {
			t.Run(s.name+", "+how, func(t *testing.T) {
				l := &logs{workshop: newWorkshop(t), programs: map[string]program{}}
				l.o.Task, l.o.LogDir, l.o.MaxLogFiles, l.o.MaxLogSizeMB = jobspec.LogRotation, l.folder, 50, 0.0001
				l.o.CompressLogs, l.o.LogCopyTruncate = true, copyTruncate
				l.program("app.log")
				s.do(l)
				said := ""
				for n := range 3 {
					l.log()
					r := l.run()
					if r.Outcome == report.Failed {
						t.Errorf("run %d: %s/%s: %s", n, r.Outcome, r.Reason, r.Message)
					}
					l.holds(fmt.Sprintf("run %d", n), r)
					said += r.Message + strings.Join(r.Warnings, "\n")
				}
				if !copyTruncate && !strings.Contains(said, s.says) {
					t.Errorf("no run said %q: %s", s.says, said)
				}
			})
		}
	}
	t.Logf("%d states of log folders, each twice, 0 lines lost", len(logStates()))
}

// program begins to write a log with these flags; 0: it opens the log for each line.
func (l *logs) program(name string, flags ...int) {
	l.t.Helper()
	p := program{mode: 0o644}
	l.write(l.on(name), "")
	for _, f := range flags {
		open, err := os.OpenFile(l.on(name), os.O_WRONLY|f, 0)
		l.must(err)
		l.t.Cleanup(func() { _ = open.Close() })
		p.open = open
	}
	l.programs[name] = p
}

// owned is a program's log of another user.
func (l *logs) owned(name string, owner int, mode os.FileMode) {
	l.t.Helper()
	l.program(name)
	l.must(os.Chown(l.on(name), owner, owner))
	l.must(os.Chmod(l.on(name), mode))
	l.programs[name] = program{owner: owner, mode: mode}
}

// log has each program write enough for a rotation.
func (l *logs) log() {
	l.t.Helper()
	for name, p := range l.programs {
		f := p.open
		if f == nil {
			var err error
			f, err = os.OpenFile(l.on(name), os.O_WRONLY|os.O_APPEND, 0)
			l.must(err)
			defer f.Close()
		}
		for range 20 {
			l.line(f, filepath.Base(name))
		}
	}
}

func (l *logs) line(f io.Writer, name string) {
	l.t.Helper()
	line := fmt.Sprintf("%s line %d\n", name, len(l.lines))
	_, err := io.WriteString(f, line)
	l.must(err)
	l.lines = append(l.lines, line)
}

// generation is an earlier part of a log.
func (l *logs) generation(name string) {
	l.t.Helper()
	var text bytes.Buffer
	for range 20 {
		l.line(&text, filepath.Base(name))
	}
	l.write(l.on(name), text.String())
}

// holds checks all that must hold after a run.
func (l *logs) holds(when string, r report.Result) {
	l.t.Helper()
	all := l.text(when)
	for _, line := range l.lines {
		if !strings.Contains(all, line) {
			tree := strings.Join(treeOf(l.t, l.folder), "\n")
			l.t.Fatalf("%s, %s/%s %s: %q is lost:\n%s", when, r.Outcome, r.Reason, r.Message, line, tree)
		}
	}
	for name, p := range l.programs {
		info, err := os.Stat(l.on(name))
		if err != nil {
			l.t.Fatalf("%s: %v", when, err)
		}
		if owner := int(info.Sys().(*syscall.Stat_t).Uid); owner != p.owner || info.Mode() != p.mode {
			l.t.Errorf("%s: %s is of user %d with mode %s, and was of user %d with mode %s",
				when, name, owner, info.Mode(), p.owner, p.mode)
		}
	}
	l.unharmed(when)
}

// text is all that is in the files of the folder, compressed or not.
func (l *logs) text(when string) string {
	l.t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(l.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if r, err := gzip.NewReader(bytes.NewReader(content)); err == nil {
			content, _ = io.ReadAll(r)
		}
		_, written := l.programs[strings.TrimPrefix(path, l.folder+"/")]
		if !written && bytes.Contains(content, make([]byte, 8)) {
			l.t.Errorf("%s: %s is full of NUL", when, path)
		}
		all.Write(content)
		return nil
	})
	l.must(err)
	return all.String()
}

func compressed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func logStates() []logState {
	states := append(namedLogs(), writtenLogs()...)
	for name, put := range things {
		states = append(states, logState{"a log is " + name, func(l *logs) {
			put(&lab{t: l.t, dir: l.beside}, l.on("x.log"))
		}, ""},
			logState{"a generation is " + name, func(l *logs) {
				put(&lab{t: l.t, dir: l.beside}, l.on("app.log.20260101-000000"))
			}, ""})
	}
	return states
}

// namedLogs are states in which something has the name of a log.
func namedLogs() []logState {
	const gen = "app.log.20260101-000000"
	return []logState{
		{"nothing else", func(*logs) {}, ""},
		{"a name with a newline", func(l *logs) {
			l.program("a\nb.log")
			l.generation("a\nb.log.20260101-000000")
		}, ""},
		{"a name that is no UTF-8", func(l *logs) {
			l.program("caf\xe9.log")
			l.generation("caf\xe9.log.20260101-000000")
		}, ""},
		{"a name to which nothing can be added", func(l *logs) { l.program(strings.Repeat("n", 251) + ".log") }, ""},
		{"names with blanks, quotes and signs", func(l *logs) {
			l.program(` '"$(x)` + "`.log")
			l.program("-rf.log")
			l.program("..log")
		}, ""},
		{"logs are 100 deep", func(l *logs) { l.program(strings.Repeat("d/", 100) + "x.log") }, ""},
		{"a compressed file of another beside a generation", func(l *logs) {
			l.generation(gen)
			l.generation(gen + ".1")
			l.their(l.on(gen+".gz"), compressed("theirs\n"))
		}, ""},
		{"what is no gzip beside a generation", func(l *logs) {
			l.generation(gen)
			l.generation(gen + ".1")
			l.their(l.on(gen+".gz"), "no gzip")
		}, ""},
		{"a folder beside a generation", func(l *logs) {
			l.generation(gen)
			l.generation(gen + ".1")
			l.their(l.on(gen+".gz/x"), "theirs")
		}, ""},
		{"a generation of a year that is to come", func(l *logs) { l.generation("app.log.29991231-235959") }, ""},
		{"generations of other programs", func(l *logs) {
			l.their(l.on("app.log.1"), "theirs\n")
			l.their(l.on("app.log.2.gz"), "theirs")
			l.their(l.on("app.log-20260101"), "theirs")
		}, ""},
		{"a generation has another name outside", func(l *logs) {
			l.generation(gen)
			l.generation(gen + ".1")
			content, err := os.ReadFile(l.on(gen))
			l.must(err)
			l.must(os.Link(l.on(gen), l.beside+"/other"))
			l.theirs[l.beside+"/other"] = string(content)
		}, ""},
		{"a log is a link to one outside", func(l *logs) {
			l.their(l.beside+"/x.log", strings.Repeat("theirs\n", 100))
			l.must(os.Symlink(l.beside+"/x.log", l.on("x.log")))
		}, ""},
		{"a folder is a link to one outside", func(l *logs) {
			l.their(l.beside+"/sub/x.log", strings.Repeat("theirs\n", 100))
			l.must(os.Symlink(l.beside+"/sub", l.on("sub")))
		}, ""},
	}
}

// writtenLogs are states that depend on who writes where.
func writtenLogs() []logState {
	return []logState{
		{"a program keeps its log open", func(l *logs) { l.program("kept.log", os.O_APPEND) }, ""},
		{"two programs keep one log open", func(l *logs) {
			l.program("kept.log", os.O_APPEND)
			other, err := os.OpenFile(l.on("kept.log"), os.O_WRONLY|os.O_APPEND, 0)
			l.must(err)
			l.t.Cleanup(func() { _ = other.Close() })
			l.line(other, "other")
		}, ""},
		{"a program does not append", func(l *logs) { l.program("kept.log", 0) }, ""},
		{"the second newest generation is written", func(l *logs) {
			l.generation("app.log.20260101-000000")
			l.generation("app.log.20260101-000001")
			f, err := os.OpenFile(l.on("app.log.20260101-000000"), os.O_WRONLY|os.O_APPEND, 0)
			l.must(err)
			l.t.Cleanup(func() { _ = f.Close() })
			l.programs["app.log.20260101-000000"] = program{open: f, mode: 0o644}
		}, "app.log.20260101-000000 is still open"},
		{"a log of another user", func(l *logs) { l.owned("x.log", 1000, 0o640) }, ""},
		{"a log with odd rights", func(l *logs) { l.owned("x.log", 1000, 0o200) }, ""},
		{"a log whose owner nobody can keep", func(l *logs) {
			l.owned("x.log", 1000, 0o666)
			l.nobody = true
		}, "run log-rotation as user"},
		{"the owner cannot be set", func(l *logs) {
			l.owned("x.log", 1000, 0o640)
			l.refused = "fchown"
		}, "run log-rotation as user"},
		{"the rights cannot be set", func(l *logs) { l.owned("x.log", 0, 0o606); l.refused = "fchmod" }, ""},
		{"a folder in which nobody may write", func(l *logs) {
			l.program("closed/x.log")
			l.nobody = true
		}, "permission denied"},
		{"a folder that nobody may read", func(l *logs) {
			l.their(l.on("closed/x.log"), strings.Repeat("theirs\n", 100))
			l.must(os.Chmod(l.on("closed"), 0o700))
			l.nobody = true
		}, ""},
		{"a disk is mounted in the folder", func(l *logs) {
			l.mount("tmpfs", "none", "sub", 0, "size=1m")
			l.their(l.on("sub/x.log"), strings.Repeat("theirs\n", 100))
		}, ""},
		{"the folder can only be read", func(l *logs) {
			l.mount("", l.folder, ".", unix.MS_BIND, "")
			l.log()
			l.programs = map[string]program{}
			l.must(unix.Mount("", l.folder, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""))
		}, "read-only"},
		{"the disk is full", func(l *logs) {
			l.mount("tmpfs", "none", ".", 0, "size=64k")
			l.program("app.log")
			l.log()
			l.programs = map[string]program{}
			full, err := os.Create(l.on("full"))
			l.must(err)
			_, _ = io.Copy(full, io.LimitReader(zeros{}, 1<<20))
			l.must(full.Close())
		}, ""},
		{"the clock was put back", func(l *logs) {
			l.generation("app.log." + time.Now().Add(time.Hour).UTC().Format("20060102-150405"))
		}, ""},
	}
}

// zeros is an endless text without NUL.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = '0'
	}
	return len(b), nil
}
