package schedule

import (
	"archive/zip"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// zones are all names of Go's own time zone database.
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
	for _, f := range all.File {
		if !strings.HasSuffix(f.Name, "/") {
			names = append(names, f.Name)
		}
	}
	return names
}

// occurrences is how often the clocks of a zone show a time on each day of a year, found by looking at every quarter of an hour.
func occurrences(zone *time.Location, year, hour, minute int) map[string]int {
	n := map[string]int{}
	for at := time.Date(year, 1, 1, 0, 0, 0, 0, zone); at.Year() == year; at = at.Add(15 * time.Minute) {
		if at.Hour() == hour && at.Minute() == minute {
			n[at.Format(time.DateOnly)]++
		}
	}
	return n
}

// odd are the zones whose clocks change by half an hour: there the cron library, and with it Kubernetes, fires at other
// times too, or for half a day not at all, when the clocks change.
var odd = []string{"Australia/LHI", "Australia/Lord_Howe"}

// seenDays counts what a comparison saw.
type seenDays struct{ all, skipped, twice, wrong int }

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
	want, got := occurrences(zone, year, hour, minute), map[string]int{}
	for next := s.Next(start, reference).In(zone); next.Year() == year; next = s.Next(next, reference).In(zone) {
		got[next.Format(time.DateOnly)]++
	}
	for day := time.Date(year, 1, 1, 12, 0, 0, 0, zone); day.Year() == year; day = day.AddDate(0, 0, 1) {
		date := day.Format(time.DateOnly)
		seen.all++
		switch {
		case got[date] != want[date]:
			seen.wrong++
		case want[date] == 0:
			seen.skipped++
		case want[date] == 2:
			seen.twice++
		}
	}
	return seen
}

// Property, over all zones and a whole year: a daily schedule fires whenever the zone's clocks show its time. So it has no run on
// the day on which that time is skipped and two on the day on which it comes twice, as the README says, and one on every other
// day. That is what Kubernetes does with the CronJob: where it changes, the README must.
func TestADailyScheduleFiresWheneverTheClocksShowItsTime(t *testing.T) {
	var sum seenDays
	for _, name := range zones(t) {
		for expression, at := range map[string][2]int{"30 2 * * *": {2, 30}, "0 0 * * *": {0, 0}, "0 3 * * *": {3, 0}} {
			seen := compare(t, expression, name, at[0], at[1])
			if seen.wrong > 0 && !slices.Contains(odd, name) {
				t.Errorf("%s: %q does not fire as the clocks go on %d days", name, expression, seen.wrong)
			}
			sum.all, sum.skipped, sum.twice = sum.all+seen.all, sum.skipped+seen.skipped, sum.twice+seen.twice
		}
	}
	if sum.all < 300_000 || sum.skipped < 10 || sum.twice < 10 {
		t.Errorf("too little was looked at: %+v", sum)
	}
	for _, name := range odd {
		if seen := compare(t, "0 3 * * *", name, 3, 0); seen.wrong == 0 {
			t.Errorf("%s is not odd", name)
		}
	}
}
