package schedule

import (
	"archive/zip"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// zones are the names of Go's own time zone database, one of those that are the same.
func zones(t *testing.T) (names []string) {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	all, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	known := map[uint32]bool{}
	for _, f := range all.File {
		if !strings.HasSuffix(f.Name, "/") && !known[f.CRC32] {
			known[f.CRC32] = true
			names = append(names, f.Name)
		}
	}
	return names
}

// firstShown tells when the clocks of a zone first show a time, by the day of the year, found by looking at every
// quarter of an hour.
func firstShown(zone *time.Location, year, hour, minute int) map[int]time.Time {
	first := map[int]time.Time{}
	for at := time.Date(year, 1, 1, 0, 0, 0, 0, zone); at.Year() == year; at = at.Add(15 * time.Minute) {
		if h, m, _ := at.Clock(); h != hour || m != minute {
			continue
		}
		if _, known := first[at.YearDay()]; !known {
			first[at.YearDay()] = at
		}
	}
	return first
}

// seenDays counts what a comparison saw.
type seenDays struct{ all, skipped, fired, repeated int }

// compare holds a year of a daily schedule against the zone's clocks.
func compare(t *testing.T, expression, name string, hour, minute int) (seen seenDays) {
	t.Helper()
	const year = 2026
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Resolve(Spec{Cron: expression, TimeZone: name})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	start := time.Date(year, 1, 1, 0, 0, 0, 0, zone).Add(-time.Second)
	first, ran := firstShown(zone, year, hour, minute), map[int]int{}
	run := func(at time.Time) { // what runs: what is made up for, and what fires and is not a repetition
		ran[at.In(zone).YearDay()]++
		if want, shown := first[at.In(zone).YearDay()]; shown && !want.Equal(at) {
			t.Errorf("%s: %q runs at %s, and the clocks show that first at %s", name, expression, at.In(zone), want)
		}
	}
	for at := start; ; {
		fires, due := s.fires.Next(at), s.Next(at, reference)
		at = due
		if fires.Before(due) {
			at = fires
		}
		if at.In(zone).Year() != year {
			break
		}
		switch skipped := s.LastSkipped(at.Add(-time.Second), at); {
		case !skipped.IsZero():
			seen.skipped++
			run(at)
		case s.IsRepeated(at):
			seen.repeated++
		case fires.Equal(at):
			seen.fired++
			run(at)
		default:
			t.Errorf("%s: %q is due at %s and nothing runs", name, expression, at.In(zone))
		}
	}
	for day := time.Date(year, 1, 1, 12, 0, 0, 0, zone); day.Year() == year; day = day.AddDate(0, 0, 1) {
		seen.all++
		if n := ran[day.YearDay()]; n != 1 {
			t.Errorf("%s: %q runs %d times on %s", name, expression, n, day.Format(time.DateOnly))
		}
	}
	return seen
}

// Property, over all zones and a whole year: a daily schedule runs exactly once on every day, at the first moment at
// which the clocks show its time. Kubernetes' CronJob, which the cron library stands for here, does not: where the
// clocks skip the time the controller makes the run, and where they show it twice the job that comes second ends at
// once. Seen to fail with either left out.
func TestADailyScheduleRunsOnceOnEveryDay(t *testing.T) {
	var sum seenDays
	for _, name := range zones(t) {
		for expression, at := range map[string][2]int{"30 2 * * *": {2, 30}, "0 0 * * *": {0, 0}, "0 3 * * *": {3, 0},
			"15 1 * * *": {1, 15}} {
			seen := compare(t, expression, name, at[0], at[1])
			sum.all, sum.skipped, sum.fired, sum.repeated = sum.all+seen.all, sum.skipped+seen.skipped, sum.fired+seen.fired,
				sum.repeated+seen.repeated
		}
	}
	if sum.all < 400_000 || sum.skipped < 10 || sum.repeated < 10 {
		t.Errorf("too little was looked at: %+v", sum)
	}
	t.Logf("%+v", sum)
}

// Schedules that name every hour go by the time that passes, whatever the clocks show.
func TestAnHourlyScheduleIsNotMoved(t *testing.T) {
	for _, name := range zones(t) {
		for _, expression := range []string{"15 * * * *", "*/20 */1 * * *", "@hourly"} {
			s, err := Resolve(Spec{Cron: expression, TimeZone: name})
			if err != nil {
				t.Fatal(err)
			}
			if s.ByClock() != "" || !s.LastSkipped(reference, reference.Add(week)).IsZero() {
				t.Errorf("%s: %q is by the clock: %q", name, expression, s.ByClock())
			}
		}
	}
}
