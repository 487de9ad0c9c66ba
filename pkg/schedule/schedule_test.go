package schedule

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func hour(h int32) *int32 { return &h }

func TestResolve(t *testing.T) {
	tests := map[string]struct {
		spec Spec
		cron string
		zone string
	}{
		"cron stays as it is, in UTC when no zone is given": {Spec{Cron: "0 3 * * *"}, "0 3 * * *", "Etc/UTC"},
		"cron keeps its zone": {Spec{Cron: "@daily", TimeZone: "Europe/Berlin"}, "@daily",
			"Europe/Berlin"},
		"every minute": {Spec{Interval: time.Minute}, "* * * * *", "Etc/UTC"},
		"a divisor of the hour gets a fixed minute": {Spec{Interval: 5 * time.Minute, Key: "media/verify"}, "2-59/5 * * * *",
			"Etc/UTC"},
		"a divisor of the day gets fixed hours": {Spec{Interval: 6 * time.Hour, Key: "media/counts"}, "41 1-23/6 * * *",
			"Etc/UTC"},
		"a plain interval ignores the zone": {Spec{Interval: day, TimeZone: "Europe/Berlin", Key: "media/counts"},
			"41 13 * * *", "Etc/UTC"},
		"a week gets a day": {Spec{Interval: week, Key: "media/counts"}, "41 13 * * 1", "Etc/UTC"},
		"a preferred hour, daily": {Spec{Interval: day, PreferredHour: hour(3), TimeZone: "Europe/Berlin"},
			"45 3 * * *", "Europe/Berlin"},
		"a preferred hour, every six hours": {Spec{Interval: 6 * time.Hour, PreferredHour: hour(20)}, "45 2-23/6 * * *",
			"Etc/UTC"},
		"a preferred hour, every hour": {Spec{Interval: time.Hour, PreferredHour: hour(20)}, "45 * * * *", "Etc/UTC"},
		"90 minutes have no cron form": {Spec{Interval: 90 * time.Minute}, "@every 1h30m0s", "Etc/UTC"},
		"7 hours have no cron form":    {Spec{Interval: 7 * time.Hour}, "@every 7h0m0s", "Etc/UTC"},
		"36 hours have no cron form":   {Spec{Interval: 36 * time.Hour}, "@every 36h0m0s", "Etc/UTC"},
		"90 seconds have no cron form": {Spec{Interval: 90 * time.Second}, "@every 1m30s", "Etc/UTC"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Resolve(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			if got.Cron != test.cron || got.TimeZone != test.zone {
				t.Errorf("got %q in %q, want %q in %q", got.Cron, got.TimeZone, test.cron, test.zone)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	tests := map[string]struct {
		spec  Spec
		class error
		says  string
	}{
		"a date that no year has": {Spec{Cron: "0 0 30 2 *"}, ErrSchedule, "never fires"},
		"a minute beyond the hour": {Spec{Cron: "61 * * * *"}, ErrSchedule,
			`"61 * * * *" is not cron: 61 as minute: write a value from 0 to 59`},
		"a step of nothing": {Spec{Cron: "*/0 * * * *"}, ErrSchedule,
			`"*/0 * * * *" is not cron: */0 as minute: write a number from 1 on after the slash, such as */2`},
		"a step in words": {Spec{Cron: "0 3 1-31/two * *"}, ErrSchedule,
			`1-31/two as day of month: write a number from 1 on after the slash, such as 1-31/2`},
		"Sunday as 7": {Spec{Cron: "0 3 * * 7"}, ErrSchedule,
			`"0 3 * * 7" is not cron: 7 as day of week: write 0 for Sunday`},
		"Sunday as 7, with an H": {Spec{Cron: "H 3 * * 7"}, ErrSchedule,
			`"H 3 * * 7" is not cron: 7 as day of week: write 0 for Sunday`},
		"days up to Sunday as 7": {Spec{Cron: "0 3 * * 5-7"}, ErrSchedule, "5-7 as day of week: write 5-6,0"},
		"days over the weekend": {Spec{Cron: "0 3 * * sat-sun"}, ErrSchedule,
			"sat-sun as day of week: write sat,sun"},
		"days over the end of the week": {Spec{Cron: "0 3 * * Fri-MON"}, ErrSchedule,
			"Fri-MON as day of week: write Fri-sat,sun-MON"},
		"hours over midnight": {Spec{Cron: "0 22-4 * * *"}, ErrSchedule, "22-4 as hour: write 22-23,0-4"},
		"a month in full": {Spec{Cron: "0 3 1 march *"}, ErrSchedule,
			"march as month: write a value from 1 to 12, or jan to dec"},
		"an H that is not the fault": {Spec{Cron: "H H(1-5) 32 * *"}, ErrSchedule,
			`"H H(1-5) 32 * *" is not cron: 32 as day of month: write a value from 1 to 31`},
		"a date that no year has, with H": {Spec{Cron: "H H 30 2 *"}, ErrSchedule, `"H H 30 2 *" never fires`},
		"four fields":                     {Spec{Cron: "0 3 * *"}, ErrSchedule, "such as '0 3 * * *'"},
		"a zone without a blank after it": {Spec{Cron: "TZ=0"}, ErrSchedule, "write it in timeZone"},
		"a zone in the expression":        {Spec{Cron: "CRON_TZ=UTC 0 3 * * *"}, ErrSchedule, "write it in timeZone"},
		"every in the expression":         {Spec{Cron: "@every 1h"}, ErrSchedule, "write the period in interval"},
		"a zone that does not exist": {Spec{Cron: "0 3 * * *", TimeZone: "Europe/Atlantis"}, ErrTimeZone,
			"such as Europe/Berlin"},
		"the machine's own zone":    {Spec{Cron: "0 3 * * *", TimeZone: "Local"}, ErrTimeZone, "depends on the machine"},
		"a path as a zone":          {Spec{Cron: "0 3 * * *", TimeZone: "../../etc/passwd"}, ErrTimeZone, "IANA name"},
		"an interval of seconds":    {Spec{Interval: 30 * time.Second}, ErrSchedule, "write 1m or more"},
		"neither cron nor interval": {Spec{}, ErrSchedule, "write 1m or more"},
		"a preferred hour with 7 hours": {Spec{Interval: 7 * time.Hour, PreferredHour: hour(3)}, ErrSchedule,
			"divides the day"},
		"a preferred hour of 24": {Spec{Interval: day, PreferredHour: hour(24)}, ErrSchedule, "from 0 to 23"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Resolve(test.spec)
			if !errors.Is(err, test.class) || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("got %v, want %q with %q", err, test.class, test.says)
			}
		})
	}
}

// Property: what is to be written instead of days over the end of a week runs on each of these days and on no other.
func TestWhatToWriteInsteadIsWhatWasMeant(t *testing.T) {
	for from := range 7 {
		for to := range from {
			written := fmt.Sprintf("0 3 * * %d-%d", from, to)
			_, err := Resolve(Spec{Cron: written})
			_, instead, _ := strings.Cut(fmt.Sprint(err), "write ")
			got, err := Resolve(Spec{Cron: "0 3 * * " + instead})
			if err != nil {
				t.Errorf("%s: %q: %v", written, instead, err)
				continue
			}
			at := reference
			for range 7 - from + to + 1 {
				at = got.Next(at, reference)
				if d := int(at.Weekday()); d < from && d > to || !at.Before(reference.Add(week)) {
					t.Errorf("%s: %q runs at %s", written, instead, at)
				}
			}
		}
	}
}

// Property: whatever the interval and the key, runs are exactly one interval apart, for ever, and the first one is no
// more than an interval away.
func TestIntervalsAreEven(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		interval := time.Duration(1+random.IntN(60*48)) * time.Minute
		key := fmt.Sprintf("media/schedule-%d", random.Int())
		s, err := Resolve(Spec{Interval: interval, Key: key})
		if err != nil {
			t.Fatalf("%s: %v", interval, err)
		}
		start := reference.Add(time.Duration(random.Int64N(int64(300 * day)))).Truncate(time.Second)
		at := s.Next(start, start)
		if wait := at.Sub(start); wait <= 0 || wait > interval {
			t.Fatalf("%s (%s): the first run is %s away", interval, s.Cron, wait)
		}
		for range 50 {
			after := s.Next(at, at)
			if after.Sub(at) != interval {
				t.Fatalf("%s (%s): a run at %s, the next at %s", interval, s.Cron, at, after)
			}
			at = after
		}
	}
}

func TestNextOfEveryCountsFromTheAnchor(t *testing.T) {
	s, err := Resolve(Spec{Interval: 90 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	anchor := reference
	tests := map[string]struct{ after, want time.Duration }{
		"before the first":         {time.Minute, 90 * time.Minute},
		"on the first":             {90 * time.Minute, 180 * time.Minute},
		"after missing some":       {400 * time.Minute, 450 * time.Minute},
		"with a clock that is off": {-time.Hour, 90 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := s.Next(anchor.Add(test.after), anchor).Sub(anchor); got != test.want {
				t.Errorf("got %s after the anchor, want %s", got, test.want)
			}
		})
	}
}

func TestNextAcrossSummerTime(t *testing.T) {
	s, err := Resolve(Spec{Cron: "30 4 * * *", TimeZone: "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	winter := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC) // the clocks go forward that night
	if got, want := s.Next(winter, winter).UTC(), time.Date(2026, 3, 29, 2, 30, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestStartingDeadline(t *testing.T) {
	tests := map[string]struct {
		spec Spec
		want int64 // 0: none
	}{
		"every minute":     {Spec{Cron: "* * * * *"}, 60},
		"every 5 minutes":  {Spec{Cron: "*/5 * * * *"}, 150},
		"nightly":          {Spec{Cron: "0 3 * * *"}, 3600},
		"in office hours":  {Spec{Cron: "*/30 9-17 * * 1-5"}, 900},
		"on leap days":     {Spec{Cron: "0 0 29 2 *"}, 3600},
		"@every has none":  {Spec{Interval: 7 * time.Hour}, 0},
		"an exact 6 hours": {Spec{Interval: 6 * time.Hour}, 3600},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := Resolve(test.spec)
			if err != nil {
				t.Fatal(err)
			}
			var got int64
			if deadline := s.StartingDeadline(time.Time{}); deadline != nil {
				got = *deadline
			}
			if got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestOverdueAt(t *testing.T) {
	s, err := Resolve(Spec{Cron: "0 * * * *"})
	if err != nil {
		t.Fatal(err)
	}
	since := reference.Add(10 * time.Minute)
	tests := map[string]struct {
		last time.Time
		want time.Duration // after the reference
	}{
		"a first run":                   {time.Time{}, time.Hour + 31*time.Minute},
		"the run after one":             {reference.Add(2 * time.Hour), 3*time.Hour + 31*time.Minute},
		"a run from before a long stop": {reference.Add(-100 * time.Hour), time.Hour + 31*time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := s.OverdueAt(since, test.last).Sub(reference); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestSpreadIsEven(t *testing.T) {
	seen := map[time.Duration]int{}
	for i := range 6000 {
		seen[Spec{Key: fmt.Sprintf("media/s%d", i)}.spread(0, time.Hour)]++
	}
	for minute := range time.Duration(60) {
		if n := seen[minute*time.Minute]; n < 50 || n > 150 {
			t.Errorf("minute %d has %d of 6000 schedules", minute, n)
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("0 3 * * *", "UTC")
	f.Add("TZ=0", "Local")
	f.Add("0 0 30 2 *", "a b")
	for _, expression := range []string{"*/60 * * * *", "H(1-5)/2 H * * *", "@reboot", "* * * * * *", "? ? ? ? ?",
		"CRON_TZ= * * * * *", "1-0/5 * * * *", "H(H) H/H * * *"} {
		f.Add(expression, "")
	}
	f.Fuzz(func(t *testing.T, expression, zone string) {
		s, err := Resolve(Spec{Cron: expression, TimeZone: zone, Interval: time.Hour, Key: "media/nightly"})
		if err == nil && (s.Next(reference, reference).IsZero() || s.Sentence() == "") {
			t.Errorf("%q in %q was accepted, and never fires or has no sentence", expression, zone)
		}
	})
}
