package cachecleanup_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/cachecleanup"
	"ucorefs.io/maintenance/pkg/throttle"
)

// The time is that of a bubble, in which only waiting takes any.
func TestAThrottleLimitsTheFiles(t *testing.T) {
	const files, perSecond = 41, 10
	dir := t.TempDir()
	for i := range files {
		put(t, filepath.Join(dir, fmt.Sprint(i)), 10, time.Unix(0, 0))
	}
	o := options(dir)
	o.MaxAgeDays = 30
	now := time.Now().UTC() // the files are younger than the bubble's clock says
	synctest.Test(t, func(t *testing.T) {
		env := tasks.Env{Options: o, Now: now, RunID: "test", Log: slog.New(slog.DiscardHandler)}
		env.Throttle = throttle.New(throttle.Limits{Documents: 1, Files: perSecond, Latency: time.Second, Cursors: 1})
		began := time.Now()
		plan, err := cachecleanup.Task().Prepare(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < (files-1)*time.Second/perSecond {
			t.Errorf("planning took %s", took)
		}
		began = time.Now()
		if done := execute(t, plan); done.Counts["filesDeleted"] != files {
			t.Errorf("%v", done.Counts)
		}
		if took := time.Since(began); took < (files-1)*time.Second/perSecond {
			t.Errorf("deleting took %s", took)
		}
	})
}
