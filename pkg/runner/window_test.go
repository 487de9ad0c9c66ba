package runner_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks"
)

// startingAt is a clock that shows that time now, and goes on.
func startingAt(at time.Time) func() time.Time {
	began := time.Now()
	return func() time.Time { return at.Add(time.Since(began)) }
}

// A window is kept by the run itself, whatever started it. Seen to fail, the first two, when the window was not looked
// at.
func TestARunKeepsItsWindow(t *testing.T) {
	noon := time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC) // a Wednesday
	for name, c := range map[string]struct {
		window  string
		now     time.Time
		steps   int
		outcome report.Outcome
		says    string
	}{
		"outside it is skipped":             {"22:00-06:00", noon, 0, report.Skipped, "the window 22:00-06:00 is closed"},
		"on another day it is skipped":      {"11:00-13:00 Sat", noon, 0, report.Skipped, "is closed"},
		"at its end it pauses":              {"11:00-12:00", noon.Add(-time.Second), 2, report.Paused, "closed at 12:00 UTC"},
		"within it goes to its end":         {"11:00-12:00 Wed", noon.Add(-time.Minute), 2, report.Succeeded, "done"},
		"a window that is none is an error": {"11:00", noon, 0, report.Failed, "write START-END"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &task{name: jobspec.LogRotation, execute: func(ctx context.Context) (tasks.Done, error) {
					done := tasks.Done{Counts: report.Counts{"done": 1}}
					if c.outcome != report.Paused {
						return done, nil
					}
					return done, untilTheEnd(ctx)
				}}
				w := world(k)
				w.Now = startingAt(c.now)
				o := jobspec.Defaults()
				o.Task, o.Window, o.LogDir = k.name, c.window, t.TempDir()
				r := runner.Run(t.Context(), o, w)
				if r.Outcome != c.outcome || len(k.steps) != c.steps || !strings.Contains(r.Message, c.says) {
					t.Errorf("got %s/%s after %v: %s", r.Outcome, r.Reason, k.steps, r.Message)
				}
				closed := c.outcome == report.Skipped || c.outcome == report.Paused
				if closed != (r.Reason == report.ReasonWindowClosed) || closed && r.ExitCode() != jobspec.ExitOK {
					t.Errorf("the reason is %s, the exit code %d", r.Reason, r.ExitCode())
				}
				if c.steps == 2 && r.Counts["done"] != 1 {
					t.Errorf("what was done is not counted: %v", r.Counts)
				}
			})
		})
	}
}
