package main

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// explained is every shape of command that the program sends, a line each, with the reason for it in the indented line
// below.
//
//go:embed testdata/commands.txt
var explained string

// Every command that the program sends has a shape that somebody thought about: that it is right on every server, what
// it costs there, and why it is sent. A new shape is first a question: does one of those that there are serve? Seen to
// fail with a $nin in place of a $not.
func TestEveryShapeOfCommandIsExplained(t *testing.T) {
	known := shapes(t, explained)
	sent := sentShapes{by: map[string]string{}}
	servers := []strictmongo.Options{{Form: strictmongo.ReplicaSet, EstimateTimes: 1_000_000}} // where every collection is large
	for _, form := range strictmongo.Forms {
		servers = append(servers, strictmongo.Options{Form: form})
	}
	for _, o := range servers {
		for _, layout := range []librarytest.Layout{librarytest.UCoreFS, librarytest.Web} {
			sent.note(t, onStrict(t, o, layout), o.Form.String())
		}
	}
	sent.note(t, onStrictAfter(t, strictmongo.Options{}, librarytest.UCoreFS, t.TempDir(), (*strict).ignoreCase),
		"collections that ignore case")
	for shape, form := range sent.by {
		if known[shape] == "" {
			t.Errorf("a new shape of command, on %s: send one of the known ones, or write it into testdata/commands.txt with "+
				"the reason "+
				"for it in an indented line below:\n%s", form, shape)
		}
	}
	for shape := range known {
		if _, ok := sent.by[shape]; !ok {
			t.Errorf("no run sends this any more; delete it from testdata/commands.txt:\n%s", shape)
		}
	}
}

// sentShapes are the shapes of what the program sent, with a server to which each was sent.
type sentShapes struct {
	mu sync.Mutex
	by map[string]string
}

// note has the program do everything on a server.
func (sent *sentShapes) note(t *testing.T, s *strict, server string) {
	t.Helper()
	s.Watch(func(c strictmongo.Command) *strictmongo.Fault {
		if product(c) {
			sent.mu.Lock()
			defer sent.mu.Unlock()
			for _, shape := range c.Shapes() {
				sent.by[shape] = server
			}
		}
		return nil
	})
	s.everything(t)
}

// ignoreCase makes collections whose default collation ignores case.
func (s *strict) ignoreCase(t testing.TB) {
	for _, name := range []string{"file_records", "tags", "albums", "directory_records", "embedding_records", "tasks",
		"journal"} {
		s.CreateCollection(t, s.library.Name, name, strictmongo.CollectionOptions{IgnoresCase: true})
	}
}

// everything calls the program in every way that talks to the database.
func (s *strict) everything(t *testing.T) {
	t.Helper()
	for _, task := range databaseTasks(t) {
		s.task(t, task, "--dry-run")
		s.task(t, task, "--run-id="+task)
		s.task(t, task)
		s.job(t, "restore", "--run="+task, "--dry-run")
		s.job(t, "restore", "--run="+task)
	}
	if s.layout == librarytest.UCoreFS {
		s.shared(t, jobspec.RebuildAllCounts)
	}
	indexes := "--index-dir=" + t.TempDir()
	for range 2 { // the second run only looks
		s.task(t, jobspec.DatabaseOptimization, indexes)
	}
	s.job(t, "restore", "--run=never-was")
	s.job(t, "check", "--library-root="+s.disk)
	s.job(t, "declare")
	s.job(t, "roots")
	s.job(t, "roots", "accept", s.disk, "--digest=of another state")
}

// shared runs a task by two processes at once.
func (s *strict) shared(t *testing.T, task string) {
	t.Helper()
	var group sync.WaitGroup
	for _, index := range []string{"--index=0", "--index=1"} {
		group.Go(func() { s.task(t, task, "--parallelism=2", "--run-id=shared", index) })
	}
	group.Wait()
}

// shapes reads what is explained.
func shapes(t *testing.T, text string) map[string]string {
	t.Helper()
	known, shape := map[string]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "    "):
			known[shape] = strings.TrimSpace(line)
		default:
			shape = line
			known[shape] = ""
		}
	}
	for shape, why := range known {
		if why == "" {
			t.Errorf("testdata/commands.txt does not say why this is sent:\n%s", shape)
		}
	}
	if names := strings.Split(strings.TrimSpace(text), "\n"); len(names) > 2*len(known)+5 {
		t.Errorf("testdata/commands.txt has a shape twice: %v", slices.Sorted(slices.Values(names)))
	}
	return known
}
