package jobspec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/wallclock"
)

// Window is the hours in which a run may work, by the clocks of a time zone.
type Window struct {
	Start, End Clock
	// Days are those on which it opens; none: every day. A window that ends on the next day belongs to the day on which
	// it opens.
	Days []time.Weekday
	Zone *time.Location // nil: UTC
}

// Clock is a time of the day in minutes after midnight; EndOfDay is 24:00.
type Clock int

// EndOfDay is the end of a window that lasts until midnight.
const EndOfDay Clock = 24 * 60

func (c Clock) duration() time.Duration { return time.Duration(c) * time.Minute }

// String is HH:MM.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

var (
	windowHours = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)$`)
	weekdays    = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
)

// ParseWindow reads what String writes: "22:00-06:00", "22:00-06:00 Fri,Sat", "22:00-06:00 Fri,Sat Europe/Berlin". All
// day is "00:00-24:00".
func ParseWindow(text string) (w Window, err error) {
	parts := strings.Fields(text)
	if len(parts) == 0 || len(parts) > 3 || !windowHours.MatchString(parts[0]) {
		return w, fmt.Errorf(`%q is no window: write START-END, days and a time zone, such as "22:00-06:00 Fri,Sat Europe/Berlin"; the last two may be left out`, text)
	}
	var a, b, c, d int
	fmt.Sscanf(parts[0], "%d:%d-%d:%d", &a, &b, &c, &d) // matched above
	if w.Start, w.End = Clock(a*60+b), Clock(c*60+d); w.Start == w.End {
		return w, fmt.Errorf("the window %s is empty: let it end at another time than it begins; "+
			"all day is 00:00-24:00", parts[0])
	}
	for _, part := range parts[1:] {
		if w.Days == nil && w.Zone == nil && w.parseDays(part) {
			continue
		}
		if w.Zone != nil {
			return w, fmt.Errorf("%q: one time zone is enough", text)
		}
		if w.Zone, err = time.LoadLocation(part); err != nil || strings.EqualFold(part, "local") {
			return w, fmt.Errorf("%q is neither days, such as Fri,Sat, nor a time zone, such as Europe/Berlin", part)
		}
	}
	return w, nil
}

func (w *Window) parseDays(text string) bool {
	var days []time.Weekday
	for _, name := range strings.Split(text, ",") {
		day := slices.Index(weekdays, name)
		if day < 0 {
			return false
		}
		days = append(days, time.Weekday(day))
	}
	w.Days = days
	return true
}

// String is the window as a flag takes it.
func (w Window) String() string {
	text := fmt.Sprintf("%s-%s", w.Start, w.End)
	var days []string
	for _, d := range w.Days {
		days = append(days, weekdays[d])
	}
	if len(days) > 0 {
		text += " " + strings.Join(days, ",")
	}
	if w.Zone != nil && w.Zone != time.UTC {
		text += " " + w.Zone.String()
	}
	return text
}

// Until is when the window that is open at a moment closes, and whether one is.
func (w Window) Until(now time.Time) (end time.Time, open bool) {
	shown := wallclock.Shown(now, w.zone())
	today := time.Date(shown.Year(), shown.Month(), shown.Day(), 0, 0, 0, 0, time.UTC)
	for back := range 3 { // it opened today, yesterday, or the day before if the clocks changed
		day := today.AddDate(0, 0, -back)
		if len(w.Days) > 0 && !slices.Contains(w.Days, day.Weekday()) {
			continue
		}
		if start, end := w.on(day); !now.Before(start) && now.Before(end) {
			return end, true
		}
	}
	return time.Time{}, false
}

// OpenAt tells whether the window is open when the clocks of its zone show a minute of a day of the week, on a day on
// which they do not change.
func (w Window) OpenAt(day time.Weekday, minute int) bool {
	at, opensOn := Clock(minute), func(day time.Weekday) bool {
		return len(w.Days) == 0 || slices.Contains(w.Days, day)
	}
	if w.Start < w.End {
		return opensOn(day) && w.Start <= at && at < w.End
	}
	return opensOn(day) && w.Start <= at || opensOn((day+6)%7) && at < w.End
}

// on is when the window of a day opens and closes. It opens when the clocks first show its start and closes when they
// have first shown all of it, so that what the clocks show twice is in it once. Where they skip its end, it closes as
// if they had not changed: a run whose time was skipped has that long.
func (w Window) on(day time.Time) (start, end time.Time) {
	opens, closes := day.Add(w.Start.duration()), day.Add(w.End.duration())
	if w.End < w.Start {
		closes = closes.AddDate(0, 0, 1)
	}
	return wallclock.First(opens, w.zone()), wallclock.Past(closes, w.zone())
}

func (w Window) zone() *time.Location {
	if w.Zone == nil {
		return time.UTC
	}
	return w.Zone
}
