package cleanuporphanedfilerecords

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// Gather asks this function too. Seen to fail without each of its cases.
func TestAMissingRecordIsNotedThenWaitsThenIsDue(t *testing.T) {
	const week = 7 * day
	for name, c := range map[string]struct {
		noted time.Time
		grace time.Duration
		want  stage
	}{
		"never noted":                            {time.Time{}, week, fresh},
		"noted now":                              {noon, week, waiting},
		"noted a moment less than the grace ago": {noon.Add(-week + time.Millisecond), week, waiting},
		"noted as long ago as the grace":         {noon.Add(-week), week, due},
		"noted by a wrong clock":                 {noon.Add(time.Millisecond), week, fresh},
		"never noted, without a grace":           {time.Time{}, 0, due},
		"noted by a wrong clock, without one":    {noon.Add(day), 0, due},
	} {
		if got := stageOf(c.noted, noon, c.grace); got != c.want {
			t.Errorf("%s: stage %d, want %d", name, got, c.want)
		}
	}
	if stage(0) != fresh {
		t.Error("the zero stage is not the careful one")
	}
}

// surveyed is a survey of a new folder with some files, of which others are recorded as well. The missing ones were
// noted a while ago, by their names.
func surveyed(t *testing.T, there []string, noted map[string]time.Duration) *presence.Survey {
	t.Helper()
	dir := t.TempDir()
	for _, name := range there {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open := func(folder string) (presence.Disk, error) { return files.OpenLibrary(folder) }
	s := presence.New(presence.Library{Given: []string{dir}})
	t.Cleanup(s.Close)
	env := tasks.Env{Elapsed: func() time.Duration { return 0 }, Checkpoints: checkpoint.ReadOnly(nothingSaved{})}
	listed := func(context.Context, int64, bool) error { return nil }
	if err := s.Enter(t.Context(), open, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.List(t.Context(), newListing(env, s), 1, listed); err != nil {
		t.Fatal(err)
	}
	for _, name := range there {
		s.Judge(filepath.Join(dir, name))
	}
	for name, ago := range noted {
		v, section := s.Judge(filepath.Join(dir, name))
		if v != roots.Missing {
			t.Fatalf("%s is %s", name, v)
		}
		s.Hold(presence.Missing{Record: bsonvalue.Text(name), Path: filepath.Join(dir, name), Section: section,
			Noted: noon.Add(-ago)}, 10, false)
	}
	s.EndJudging()
	return s
}

// The plan is a function of the facts and the options: no server and no disk is asked. Seen to fail
// without the wait, and when a note from the future was believed.
func TestThePlanFollowsFromTheFactsAlone(t *testing.T) {
	f := facts{
		Survey: surveyed(t, []string{"a", "b"}, map[string]time.Duration{"old": 8 * day, "older": 9 * day, "new": day,
			"future": -day}),
		library: library.Library{Files: &library.Files{Collection: "file_records"}}, now: noon,
		referrers: &references.Referrers{},
	}
	names := func(list []presence.Missing) (names []string) {
		for _, m := range list {
			names = append(names, filepath.Base(m.Path))
		}
		return names
	}
	limits := jobspec.Limits{MaxDeletes: 10, MaxDeletePercent: 50}
	plan := func(grace time.Duration, limits jobspec.Limits) plan {
		limits.GracePeriod = grace
		return decide(f, jobspec.Options{Limits: limits})
	}
	for range 2 {
		p := plan(7*day, limits)
		got := [][]string{names(p.records[fresh]), names(p.records[waiting]), names(p.records[due])}
		if diff := cmp.Diff([][]string{{"future"}, {"new"}, {"old", "older"}}, got); diff != "" {
			t.Errorf("fresh, waiting, due (-want +got):\n%s", diff)
		}
		if p.verdict != nil || p.digest == "" {
			t.Errorf("the verdict is %+v, the digest %q", p.verdict, p.digest)
		}
	}
	if p := plan(30*day, limits); len(p.records[due]) > 0 || p.digest != "" {
		t.Errorf("with a longer grace period, %v would go", names(p.records[due]))
	}
	p := plan(7*day, jobspec.Limits{MaxDeletes: 1, MaxDeletePercent: 50})
	if p.verdict == nil || p.verdict.Reason != report.ReasonDeletionCapExceeded {
		t.Errorf("above the cap, the verdict is %+v", p.verdict)
	}
	if !slices.Equal(names(p.records[due]), []string{"old", "older"}) {
		t.Errorf("above the cap, the plan forgets %v", names(p.records[due]))
	}
}
