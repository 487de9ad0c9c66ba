package schedule

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// sunday is the begin of a week in which no clocks of the zones below change.
const sunday = "2026-01-04"

// randomWindow is a window of a minute to half a day, on all days or some.
func randomWindow(random *rand.Rand, zone string) string {
	start := random.IntN(minutesOfDay)
	end := (start + 1 + random.IntN([]int{1, 10, 60, 12 * 60}[random.IntN(4)])) % minutesOfDay
	var days []string
	for _, day := range []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"} {
		if random.IntN(3) == 0 {
			days = append(days, day)
		}
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%s-%s %s %s", jobspec.Clock(start), jobspec.Clock(end),
		strings.Join(days, ","), zone)), " ")
}

func windowOf(t *testing.T, text string) jobspec.Window {
	t.Helper()
	w, err := jobspec.ParseWindow(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func weekIn(zone *time.Location) (begin, end time.Time) {
	begin, _ = time.ParseInLocation(time.DateOnly, sunday, zone)
	return begin, begin.AddDate(0, 0, daysOfWeek)
}

// openMinutes asks the window itself about every minute of a week.
func openMinutes(w jobspec.Window) (open [minutesOfWeek]int) {
	begin, _ := weekIn(w.Zone)
	for at := range open {
		if _, is := w.Until(begin.Add(time.Duration(at) * time.Minute)); is {
			open[at] = 1
		}
	}
	return open
}

// runsOf are how many times of a week the window lets through.
func runsOf(t *testing.T, s Spec, w jobspec.Window) (n int) {
	t.Helper()
	resolved, err := Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := weekIn(w.Zone)
	for at := resolved.Next(begin.Add(-time.Second), begin); at.Before(end); at = resolved.Next(at, at) {
		if _, open := w.Until(at); open {
			n++
		}
	}
	return n
}

// inWindow calls check with many windows, zones and keys. KEYS is how many.
func inWindow(t *testing.T, check func(t *testing.T, random *rand.Rand, w jobspec.Window, s Spec)) {
	t.Helper()
	seed := tooltest.Number(t, "SEED", 1)
	random := rand.New(rand.NewPCG(uint64(seed), 3))
	zones := []string{"Etc/UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"}
	for i := range tooltest.Number(t, "KEYS", 150) {
		zone := zones[i%len(zones)]
		w := windowOf(t, randomWindow(random, zone))
		check(t, random, w, Spec{TimeZone: zone, Key: fmt.Sprintf("media/s%d", random.Int()), Within: w.OpenAt})
	}
}

// Property: with no other minute would more runs of an interval lie in the window. Seen to fail where the key alone
// chose the minute.
func TestAnIntervalHasItsRunsInTheWindow(t *testing.T) {
	inWindow(t, func(t *testing.T, random *rand.Rand, w jobspec.Window, s Spec) {
		s.Interval = FixedIntervals()[random.IntN(len(FixedIntervals()))]
		first, width := 0, int(s.Interval/time.Minute)
		if s.Interval%time.Hour == 0 && s.Interval <= day && random.IntN(2) == 0 {
			s.PreferredHour = hour(random.Int32N(24))
			first, width = int(time.Duration(*s.PreferredHour)*time.Hour%s.Interval/time.Minute), minutesOfHour
		}
		open, most := openMinutes(w), 0
		for i := range width {
			n := 0
			for at := first + i; at < minutesOfWeek; at += int(s.Interval / time.Minute) {
				n += open[at]
			}
			most = max(most, n)
		}
		if got := runsOf(t, s, w); got != most {
			t.Errorf("%+v in %s: %d runs a week lie in the window, and %d could", s, w, got, most)
		}
	})
}

// choices are the sets of values that a field with H may have.
func choices(least, most, count, step int) (sets [][]int) {
	for from := range count {
		var set []int
		for v := least + from; v <= most; v += step {
			set = append(set, v)
		}
		sets = append(sets, set)
	}
	return sets
}

// only is a field without H.
func only(values ...int) [][]int { return [][]int{values} }

// Property: with no other values of H would more runs lie in the window. Seen to fail where the key alone chose them.
func TestHHasItsRunsInTheWindow(t *testing.T) {
	all := only(0, 1, 2, 3, 4, 5, 6)
	one := func(least, most int) [][]int { return choices(least, most, most-least+1, most-least+1) }
	forms := []struct {
		cron                 string
		minutes, hours, days [][]int
	}{
		{"H H * * *", one(0, 59), one(0, 23), all},
		{"H 3 * * *", one(0, 59), only(3), all},
		{"15 H * * *", only(15), one(0, 23), all},
		{"H(10-20) H(1-5) * * 1-5", one(10, 20), one(1, 5), only(1, 2, 3, 4, 5)},
		{"H 2 * * H", one(0, 59), only(2), one(0, 6)},
		{"H H * * H", one(0, 59), one(0, 23), one(0, 6)},
		{"H/15 22 * * *", choices(0, 59, 15, 15), only(22), all},
		{"H H(0-11)/4 * * *", one(0, 59), choices(0, 11, 4, 4), all},
		{"0 22 * * H(1-5)", only(0), only(22), one(1, 5)},
	}
	inWindow(t, func(t *testing.T, random *rand.Rand, w jobspec.Window, s Spec) {
		form := forms[random.IntN(len(forms))]
		s.Cron = form.cron
		if got, most := runsOf(t, s, w), mostRuns(openMinutes(w), form.minutes, form.hours, form.days); got != most {
			t.Errorf("%+v in %s: %d runs a week lie in the window, and %d could", s, w, got, most)
		}
	})
}

func mostRuns(open [minutesOfWeek]int, minutes, hours, days [][]int) (most int) {
	for _, m := range minutes {
		for _, h := range hours {
			for _, d := range days {
				most = max(most, count(open, m, h, d))
			}
		}
	}
	return most
}

func count(open [minutesOfWeek]int, minutes, hours, days []int) (n int) {
	for _, d := range days {
		for _, h := range hours {
			for _, m := range minutes {
				n += open[d*minutesOfDay+h*minutesOfHour+m]
			}
		}
	}
	return n
}

// A window moves no schedule that has all of its runs in it already, and spreads evenly what it moves.
func TestAWindowMovesNoMoreThanItMust(t *testing.T) {
	always := func(time.Weekday, int) bool { return true }
	for _, s := range []Spec{{Interval: week}, {Interval: 6 * time.Hour}, {Interval: day, PreferredHour: hour(3)},
		{Cron: "H H * * H"}, {Cron: "H/10 * 1 * *"}} {
		s.Key = "media/counts"
		free, err := Resolve(s)
		s.Within = always
		if got, again := Resolve(s); err != nil || again != nil || got.Cron != free.Cron {
			t.Errorf("%+v became %q, without a window it is %q (%v, %v)", s, got.Cron, free.Cron, err, again)
		}
	}
	seen := map[string]int{}
	for i := range 3000 {
		s, err := Resolve(Spec{Interval: day, Key: fmt.Sprintf("media/s%d", i), Within: windowOf(t, "02:00-02:30").OpenAt})
		if err != nil {
			t.Fatal(err)
		}
		seen[s.Cron]++
	}
	for cron, n := range seen {
		if n < 50 || n > 150 {
			t.Errorf("%d of 3000 schedules are at %q", n, cron)
		}
	}
	if len(seen) != 30 {
		t.Errorf("the 30 minutes of the window became %d", len(seen))
	}
}

// Property: on every day of a year an interval of a day has its run in the window, though the clocks change. Seen to
// fail where its times were those of UTC.
func TestADailyIntervalStaysInTheWindowWhenTheClocksChange(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"} {
		w := windowOf(t, "02:00-02:10 "+zone)
		s, err := Resolve(Spec{Interval: day, TimeZone: zone, Key: "media/counts", Within: w.OpenAt})
		if err != nil {
			t.Fatal(err)
		}
		for at := s.Next(reference, reference); at.Before(reference.AddDate(1, 0, 0)); at = s.Next(at, at) {
			if _, open := w.Until(at); !open {
				t.Errorf("%s: the window is closed at %s", s.Cron, at.In(w.Zone))
			}
		}
	}
}

func TestWhichIntervalsDependOnTheirCreation(t *testing.T) {
	for name, test := range map[string]struct {
		interval time.Duration
		window   string
		want     bool
	}{
		"fixed times":                                 {6 * time.Hour, "02:00-03:00", false},
		"two times of a day, outside":                 {36 * time.Hour, "02:00-03:00", true},
		"two times of a day, one always inside":       {36 * time.Hour, "20:00-08:00", false},
		"one minute less":                             {36 * time.Hour, "20:00-07:59", true},
		"every second day":                            {48 * time.Hour, "22:00-06:00", true},
		"every hour of the week, one after the other": {5 * time.Hour, "02:00-03:00 Sun", false},
		"another half of an hour":                     {7 * time.Hour, "02:00-02:30", true},
		"another number of seconds":                   {90 * time.Second, "02:00-02:01 Sun", false},
		"90 minutes":                                  {90 * time.Minute, "02:00-03:00", true},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Resolve(Spec{Interval: test.interval, Key: "media/counts"})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.DependsOnCreation(windowOf(t, test.window).OpenAt); got != test.want {
				t.Errorf("%s in %s: %v", s.Cron, test.window, got)
			}
		})
	}
}
