package cleanuporphanedfilerecords

import (
	"context"
	"errors"
	"sync"
	"time"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

var errKilled = errors.New("killed")

// watched is a run whose listings and commands are counted, and which may be killed at one of them. Its clock has it
// keep its place after each folder.
type watched struct {
	l            *lab
	kill         context.CancelCauseFunc
	killed       func(*watched) bool // asked at each listing and command; nil: it is not
	mu           sync.Mutex          // folders are listed by several goroutines
	events       int
	walking      bool // it lists folders to judge records, between reading the notes and reading the records
	walked       int  // so many folders
	plan         tasks.Plan
	planned, end bool // how far it came
}

// watched makes a run, and kills it where killed says so.
func (l *lab) watched(killed func(*watched) bool) *watched {
	l.t.Helper()
	w := &watched{l: l, killed: killed}
	writer := mongotest.Writer(l.t, l.server.Connect(l.t, w.see))
	ctx, kill := context.WithCancelCause(l.t.Context())
	defer kill(nil)
	w.kill = kill
	env := l.env(writer)
	env.Elapsed = (&taskstest.Clock{Tick: time.Minute}).Elapsed
	var err error
	s := settings{w.open, l.most, l.batch, l.atOnce}
	if w.plan, err = s.task().Prepare(ctx, env); err == nil {
		w.planned = true
		if w.plan.Verdict == nil || w.plan.Verdict.Outcome != report.Refused {
			_, err = w.plan.Execute(ctx, writer)
		}
	}
	if w.end = err == nil; err != nil && ctx.Err() == nil {
		l.t.Fatal(err)
	}
	return w
}

// event is called with w.mu held.
func (w *watched) event() {
	if w.kill == nil {
		return // it connects
	}
	if w.events++; w.killed != nil && w.killed(w) {
		w.kill(errKilled)
	}
}

func (w *watched) see(c connection.Command) {
	if mongotest.Locking(c) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if collection, _ := c.Document.Lookup(c.Name).StringValueOK(); c.Name == "find" {
		switch collection {
		case mongodb.MissingCollection:
			w.walking = true
		case "file_records":
			w.walking = false
		}
	}
	w.event()
}

func (w *watched) open(folder string) (presence.Disk, error) {
	lib, err := w.l.open(folder)
	return listing{lib, w}, err
}

type listing struct {
	presence.Disk
	w *watched
}

func (l listing) List(folder string, each func(string, bool)) error {
	l.w.mu.Lock()
	if l.w.walking {
		l.w.walked++
	}
	l.w.event()
	l.w.mu.Unlock()
	return l.Disk.List(folder, each)
}
