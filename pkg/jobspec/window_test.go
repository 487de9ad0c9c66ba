package jobspec

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestWindowUntil(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.November, day, hour, minute, 0, 0, berlin)
	} // the 27th is a Friday
	for name, c := range map[string]struct {
		window string
		now    time.Time
		end    time.Time // zero: closed
	}{
		"within":                          {"09:00-17:00 Europe/Berlin", at(25, 12, 0), at(25, 17, 0)},
		"at its beginning":                {"09:00-17:00 Europe/Berlin", at(25, 9, 0), at(25, 17, 0)},
		"at its end":                      {"09:00-17:00 Europe/Berlin", at(25, 17, 0), time.Time{}},
		"before":                          {"09:00-17:00 Europe/Berlin", at(25, 8, 59), time.Time{}},
		"in another zone":                 {"09:00-17:00", at(25, 9, 30), time.Time{}},
		"across midnight, in the evening": {"22:00-06:00 Europe/Berlin", at(25, 23, 0), at(26, 6, 0)},
		"across midnight, in the morning": {"22:00-06:00 Europe/Berlin", at(26, 5, 59), at(26, 6, 0)},
		"across midnight, by day":         {"22:00-06:00 Europe/Berlin", at(26, 12, 0), time.Time{}},
		"on its day":                      {"22:00-06:00 Fri Europe/Berlin", at(27, 23, 0), at(28, 6, 0)},
		"on the morning after its day":    {"22:00-06:00 Fri Europe/Berlin", at(28, 5, 0), at(28, 6, 0)},
		"on the morning of its day":       {"22:00-06:00 Fri Europe/Berlin", at(27, 5, 0), time.Time{}},
		"on the evening after its day":    {"22:00-06:00 Fri Europe/Berlin", at(28, 23, 0), time.Time{}},
		"into the last day of the month":  {"22:00-06:00 Europe/Berlin", at(30, 23, 0), at(31, 6, 0)},
		"while the clocks go forward": {"01:00-05:00 Europe/Berlin", time.Date(2026, 3, 29, 0, 30, 0, 0,
			time.UTC), time.Date(2026, 3, 29, 3, 0, 0, 0, time.UTC)},
		"while the clocks go back": {"01:00-05:00 Europe/Berlin", time.Date(2026, 10, 25, 1, 30, 0, 0,
			time.UTC), time.Date(2026, 10, 25, 4, 0, 0, 0, time.UTC)},
		"on two days, the second":             {"09:00-17:00 Mon,Wed Europe/Berlin", at(25, 12, 0), at(25, 17, 0)},
		"on two days, and on the one between": {"09:00-17:00 Mon,Wed Europe/Berlin", at(24, 12, 0), time.Time{}},
		"a minute before midnight to a minute after": {"23:59-00:01", time.Date(2026, 12, 31, 23, 59, 30, 0, time.UTC),
			time.Date(2027, 1, 1, 0, 1, 0, 0, time.UTC)},
		"all day, in the last minute": {"00:00-24:00 Europe/Berlin", time.Date(2026, 11, 25, 23, 59, 59, 0, berlin),
			at(26, 0, 0)},
		"all day, on its day only": {"00:00-24:00 Fri Europe/Berlin", at(28, 0, 0), time.Time{}},
		"until midnight":           {"22:00-24:00 Fri Europe/Berlin", at(27, 23, 59), at(28, 0, 0)},
		"where the clocks skip all of it": {"02:00-03:00 Europe/Berlin", time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC),
			time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC)},
		"where the clocks skip its end": {"01:30-02:30 Europe/Berlin", time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC),
			time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)},
		"where the clocks show it twice, first": {"02:00-03:00 Europe/Berlin", time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC),
			time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)},
		"where the clocks show it twice, again": {"02:00-03:00 Europe/Berlin", time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC),
			time.Time{}},
		"where the clocks show its end twice": {"00:00-02:30 Europe/Berlin", time.Date(2026, 10, 25, 0, 15, 0, 0, time.UTC),
			time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)},
		"where the clocks show its start twice": {"02:30-04:00 Europe/Berlin", time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC),
			time.Date(2026, 10, 25, 3, 0, 0, 0, time.UTC)},
	} {
		w, err := ParseWindow(c.window)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		end, open := w.Until(c.now)
		if open == c.end.IsZero() || !end.Equal(c.end) {
			t.Errorf("%s: %s at %s is open %v until %s", name, c.window, c.now, open, end)
		}
	}
}

func TestAWindowIsReadAsItWasWritten(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		w := Window{Start: Clock(random.IntN(1440)), End: Clock(random.IntN(1441))}
		for day := range time.Weekday(7) {
			if random.IntN(3) == 0 {
				w.Days = append(w.Days, day)
			}
		}
		if w.Start == w.End {
			continue
		}
		again, err := ParseWindow(w.String())
		if err != nil || again.String() != w.String() {
			t.Fatalf("%q became %q: %v", w, again, err)
		}
	}
}

func TestAWrongWindowSaysWhatToWrite(t *testing.T) {
	for text, says := range map[string]string{
		"": "write START-END", "22:00": "write START-END", "22-06": "write START-END", "24:00-06:00": "write START-END",
		"22:00-22:00": "all day is 00:00-24:00", "22:00-24:01": "write START-END",
		"22:00-06:00 Friday": "such as Fri,Sat", "22:00-06:00 Fri Europe/Atlantis": "such as Europe/Berlin",
		"22:00-06:00 UTC Fri": "one time zone is enough",
		"22:00-06:00 Local":   "such as Europe/Berlin", "22:00-06:00 Fri UTC UTC": "write START-END",
	} {
		if _, err := ParseWindow(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
