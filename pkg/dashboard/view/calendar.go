package view

import (
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/schedule"
	"ucorefs.io/maintenance/pkg/wallclock"
)

// CalendarDays is how many days a calendar shows.
const CalendarDays = 14

// listedTimes is how many times of a day are written out; mostSlots bounds what a calendar works out.
const (
	listedTimes = 6
	mostSlots   = CalendarDays * 24 * 60
)

// Calendar is when a schedule is due in the next days, as the clocks of its zone show it.
type Calendar struct {
	Zone string
	Days []Day
}

// Day is one day of a calendar. Minutes are those after midnight that the clocks show.
type Day struct {
	Date    string // such as "Sun 29 Nov"
	Times   []int  // when runs are due
	Windows []Span // when they may work; none where the schedule has no window
	Change  string // what the clocks do on that day; empty: nothing
	Words   string // the times in words
}

// Span is a part of a day in minutes.
type Span struct{ From, To int }

// NewCalendar is the calendar from a moment on; nil where no times are known, such as those of a schedule that is
// stalled.
func NewCalendar(ms *v1alpha1.MaintenanceSchedule, now time.Time) *Calendar {
	resolved, err := schedule.Stored(ms.Status.Schedule, ms.Status.TimeZone)
	if err != nil || ms.Status.Schedule == "" || ms.Spec.Suspend {
		return nil
	}
	anchor := now
	if next := ms.Status.NextScheduleTime; next != nil {
		anchor = next.Time
	}
	zone := ZoneOf(ms)
	c := &Calendar{Zone: zone.String()}
	window, err := cronjob.WindowOf(ms)
	hasWindow := err == nil && ms.Spec.Window != nil
	today := midnight(now, zone)
	slots := resolved.Slots(now, wallclock.First(today.AddDate(0, 0, CalendarDays), zone), anchor, mostSlots)
	for n := range CalendarDays {
		day := today.AddDate(0, 0, n)
		d := newDay(day, zone, slots)
		if hasWindow {
			d.Windows = spans(day, zone, window)
		}
		c.Days = append(c.Days, d)
	}
	return c
}

// midnight is what the clocks show at the beginning of a moment's day.
func midnight(at time.Time, zone *time.Location) time.Time {
	shown := wallclock.Shown(at, zone)
	return time.Date(shown.Year(), shown.Month(), shown.Day(), 0, 0, 0, 0, time.UTC)
}

func newDay(day time.Time, zone *time.Location, slots []time.Time) Day {
	d := Day{Date: day.Format("Mon 2 Jan"), Change: change(day, zone)}
	for _, slot := range slots {
		if shown := wallclock.Shown(slot, zone); midnight(slot, zone).Equal(day) {
			d.Times = append(d.Times, shown.Hour()*60+shown.Minute())
		}
	}
	d.Words = timeWords(d.Times)
	return d
}

func timeWords(times []int) string {
	switch {
	case len(times) == 0:
		return "none"
	case len(times) > listedTimes:
		return fmt.Sprintf("%d times, from %s to %s", len(times), jobspec.Clock(times[0]), jobspec.Clock(times[len(times)-1]))
	}
	words := ""
	for i, t := range times {
		if i > 0 {
			words += ", "
		}
		words += jobspec.Clock(t).String()
	}
	return words
}

// change says what the clocks do between the beginning and the end of a day.
func change(day time.Time, zone *time.Location) string {
	begins, ends := wallclock.First(day, zone), wallclock.First(day.AddDate(0, 0, 1), zone)
	switch longer := ends.Sub(begins) - 24*time.Hour; {
	case longer < 0:
		return fmt.Sprintf("the clocks go forward by %s", span(-longer))
	case longer > 0:
		return fmt.Sprintf("the clocks go back by %s", span(longer))
	}
	return ""
}

func span(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d min", d/time.Minute)
}

// spans are the parts of a day in which the window is open: one that opened the day before, and the day's own.
func spans(day time.Time, zone *time.Location, w jobspec.Window) (open []Span) {
	ends := wallclock.First(day.AddDate(0, 0, 1), zone)
	for _, at := range []time.Time{wallclock.First(day, zone), wallclock.First(day.Add(time.Duration(w.Start)*time.Minute),
		zone)} {
		until, isOpen := w.Until(at)
		if !isOpen || len(open) > 0 && open[len(open)-1].To > minutes(at, day, zone) {
			continue
		}
		s := Span{From: minutes(at, day, zone), To: int(jobspec.EndOfDay)}
		if until.Before(ends) {
			s.To = minutes(until, day, zone)
		}
		open = append(open, s)
	}
	return open
}

// minutes are those that the clocks show after the day's midnight.
func minutes(at, day time.Time, zone *time.Location) int {
	return int(wallclock.Shown(at, zone).Sub(day) / time.Minute)
}
