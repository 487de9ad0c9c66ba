package runner_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/schedule"
)

// The CronJob fires twice when the clocks show its time twice; the second job ends at once. Seen to fail, the first,
// when the clocks were not looked at.
func TestATimeThatComesTwiceRunsOnce(t *testing.T) {
	first := time.Date(2026, time.October, 25, 0, 30, 0, 0, time.UTC) // 02:30 in Berlin, before the clocks go back
	second := first.Add(time.Hour)
	for name, c := range map[string]struct {
		run, byClock string
		outcome      report.Outcome
		says         string
	}{
		"the second time": {schedule.SlotName("nightly", second), "30 2 * * * Europe/Berlin",
			report.Skipped, "show 02:30 for the second time"},
		"the first time": {schedule.SlotName("nightly", first), "30 2 * * * Europe/Berlin",
			report.Succeeded, "done"},
		"a day later": {schedule.SlotName("nightly", second.Add(24*time.Hour)),
			"30 2 * * * Europe/Berlin", report.Succeeded, "done"},
		"a run whose schedule nobody told":  {schedule.SlotName("nightly", second), "", report.Succeeded, "done"},
		"a manual run":                      {"nightly-now-1f2e3d", "30 2 * * * Europe/Berlin", report.Succeeded, "done"},
		"a manual run that looks like one":  {"nightly-now-123456", "30 2 * * * Europe/Berlin", report.Succeeded, "done"},
		"a schedule that is none, an error": {"nightly-1", "30 2 * *", report.Failed, "--by-clock"},
	} {
		t.Run(name, func(t *testing.T) {
			k := &task{name: jobspec.LogRotation}
			o := jobspec.Defaults()
			o.Task, o.RunID, o.ByClock, o.LogDir = k.name, c.run, c.byClock, t.TempDir()
			r := runner.Run(t.Context(), o, world(k))
			if r.Outcome != c.outcome || !strings.Contains(r.Message, c.says) {
				t.Errorf("got %s/%s: %s", r.Outcome, r.Reason, r.Message)
			}
			if skipped := c.outcome == report.Skipped; skipped != (r.Reason == report.ReasonRepeatedTime) || skipped &&
				len(k.steps) > 0 {
				t.Errorf("the reason is %s after %v", r.Reason, k.steps)
			}
		})
	}
}

// Ages count by the database server's clock: by the host's, which is an hour behind, the use would be in the future.
// Seen to fail when the host's clock was read.
func TestAgesCountByTheServersClock(t *testing.T) {
	s := newLibrary(t)
	k := &task{name: jobspec.VerifyReferences, access: jobspec.Writes}
	o := options(s, k.name)
	gated(&o)
	o.IdleThreshold, o.MaxIdleWait = time.Hour, time.Second
	servers := time.Now().Add(time.Hour)
	beat(t, s, "UExplorer", servers.Add(-time.Minute))
	w := world(k)
	w.ServerTime = func(context.Context, *mongodb.Reader) (time.Time, error) { return servers, nil }
	if r := runner.Run(t.Context(), o, w); r.Reason != report.ReasonNotIdle || len(r.Warnings) > 1 ||
		strings.Contains(strings.Join(r.Warnings, ""), "in the future") {
		t.Errorf("got %s/%s: %s %q", r.Outcome, r.Reason, r.Message, r.Warnings)
	}
}
