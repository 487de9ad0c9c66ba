package schedule

import (
	"fmt"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// changesOf are when the clocks of a zone change in a year.
func changesOf(zone *time.Location, year int) (changes []time.Time) {
	for at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); ; {
		_, end := at.In(zone).ZoneBounds()
		if end.IsZero() || end.Year() > year {
			return changes
		}
		changes, at = append(changes, end), end
	}
}

func windowIn(t *testing.T, start, end int, zone string) jobspec.Window {
	t.Helper()
	w, err := jobspec.ParseWindow(fmt.Sprintf("%s-%s %s", jobspec.Clock(start), jobspec.Clock(end), zone))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// hourlyRuns are how many runs of an hourly schedule a window lets through on each day about a change of the clocks.
func hourlyRuns(s Schedule, w jobspec.Window, change time.Time) map[string]int {
	days := map[string]int{}
	for back := -2; back <= 2; back++ {
		days[change.In(w.Zone).AddDate(0, 0, back).Format(time.DateOnly)] = 0
	}
	for at := change.AddDate(0, 0, -4); at.Before(change.AddDate(0, 0, 4)); {
		at = s.next.Next(at)
		day := at.In(w.Zone).Format(time.DateOnly)
		if _, open := w.Until(at); open {
			if _, counts := days[day]; counts {
				days[day]++
			}
		}
	}
	return days
}

// A clockChange is how clocks change; those that are the same in two zones are looked at once.
type clockChange struct {
	before, after int
	at            time.Time
}

func clockChangeOf(change time.Time) clockChange {
	_, before := change.Add(-time.Second).Zone()
	_, after := change.Zone()
	return clockChange{before, after, change.UTC()}
}

// checkDaily holds daily schedules in a window against a change of the clocks: each of their times, of which there is
// one on every day, is let through.
func checkDaily(t *testing.T, name string, w [2]int, change time.Time) {
	t.Helper()
	const quarter, night, evening = 15, 6 * 60, 22 * 60
	window := windowIn(t, w[0], w[1], name)
	for minute := 0; minute < 24*60; minute += quarter {
		within := w[0] <= minute && minute < w[1] || w[1] < w[0] && (minute >= w[0] || minute < w[1])
		if !within || minute > night && minute < evening {
			continue
		}
		s, err := Resolve(Spec{Cron: fmt.Sprintf("%d %d * * *", minute%60, minute/60), TimeZone: name})
		if err != nil {
			t.Fatal(err)
		}
		for at := s.next.Next(change.AddDate(0, 0, -3)); at.Before(change.AddDate(0, 0, 3)); at = s.next.Next(at) {
			if _, open := window.Until(at); !open {
				t.Errorf("%s does not let the run of %s through at %s", window, jobspec.Clock(minute), at.In(window.Zone))
			}
		}
	}
}

// checkHourly holds an hourly schedule, which goes by the time that passes, against windows of one hour.
func checkHourly(t *testing.T, name string, change time.Time) {
	t.Helper()
	s, err := Resolve(Spec{Cron: "30 * * * *", TimeZone: name})
	if err != nil {
		t.Fatal(err)
	}
	for hour := range 6 {
		window := windowIn(t, hour*60, hour*60+60, name)
		for day, n := range hourlyRuns(s, window, change) {
			if n != 1 {
				t.Errorf("%s lets %d hourly runs through on %s", window, n, day)
			}
		}
	}
}

// Property, over all zones that change their clocks: a window lets through each time of a daily schedule that lies in
// it, of which there is one on every day, and one run of an hourly schedule where it is an hour long. Berlin, Cairo (at
// midnight), Troll (by two hours) and Lord Howe (by half an hour) are among them. Must fail, when the window's ends
// were any moment that shows them: all runs of a window that the clocks skip, and each first one of a window that they
// show twice.
func TestAWindowLetsOneRunThroughOnEveryDay(t *testing.T) {
	windows := [][2]int{{60, 120}, {120, 180}, {150, 210}, {90, 150}, {135, 165}, {0, 60}, {23 * 60, 24 * 60},
		{23 * 60, 0}, {22 * 60, 2 * 60}, {22 * 60, 3 * 60}, {0, 24 * 60}}
	seen, known := map[string]bool{}, map[clockChange]bool{}
	for _, name := range zones(t) {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range changesOf(zone, 2026) {
			seen[name] = true
			c := clockChangeOf(change)
			if known[c] {
				continue
			}
			known[c] = true
			for _, w := range windows {
				checkDaily(t, name, w, change)
			}
			const hour = 3600 // where an hour is shown twice from its middle on, two hourly runs lie in one window
			if shift := c.after - c.before; (shift == hour || shift == -hour) && (int(change.Unix())+c.before)%hour == 0 {
				checkHourly(t, name, change)
			}
		}
	}
	for _, name := range []string{"Europe/Berlin", "Africa/Cairo", "Antarctica/Troll", "Australia/Lord_Howe"} {
		if zone, err := time.LoadLocation(name); err != nil || len(changesOf(zone, 2026)) != 2 {
			t.Errorf("%s does not change its clocks twice: %v", name, err)
		}
	}
	if len(seen) < 60 || len(known) < 20 {
		t.Errorf("only %d zones change their clocks, in %d ways", len(seen), len(known))
	}
}
