package runner_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
)

// A run that is not named is undone, and seen in locks and journals, by the name that it is given. Must fail when
// the name was made from the task and the second alone.
func TestRunsOfTheSameSecondDoNotShareAName(t *testing.T) {
	o := jobspec.Defaults()
	o.Task = "no such task" // the name is given whatever becomes of the run
	at := func() time.Time { return time.Unix(1_700_000_000, 0) }
	name := func(random, given string) string {
		o.RunID = given
		return runner.Run(t.Context(), o, runner.World{Now: at, Random: random, Log: slog.New(slog.DiscardHandler)}).Run
	}
	if a, b := name("a", ""), name("b", ""); a == b || !strings.HasPrefix(a, "no such task-1700000000-") {
		t.Errorf("they are called %q and %q", a, b)
	}
	o.RunID = ""
	refused := runner.Refuse(o, runner.World{Now: at, Random: "c"}, report.ReasonUsage, errors.New("a wrong flag"))
	if want := "no such task-1700000000-c"; refused.Run != want {
		t.Errorf("a run that is refused is called %q, want %q", refused.Run, want)
	}
	if got := name("a", "given"); got != "given" {
		t.Errorf("a run that is named %q is called %q", "given", got)
	}
}
