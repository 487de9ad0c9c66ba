package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"ucorefs.io/maintenance/pkg/wallclock"
)

// wallClock is a schedule with fixed hours, such as a daily one, by the clocks of a zone: every time that the clocks
// show and the expression names is met exactly once. Where the clocks go back and show it twice, the first one counts;
// where they go forward and skip it, the moment after the gap stands in for it. Kubernetes' CronJobs, like the cron
// library, fire twice and not at all.
//
// A schedule that names every hour is none of these: it goes by time that passes.
type wallClock struct {
	plain cron.Schedule // without a zone: it takes what the clocks show for UTC
	zone  *time.Location
}

// byClock is the wall clock's view of a schedule that the cron library parsed, if it has fixed hours and clocks that
// change.
func byClock(parsed cron.Schedule) (cron.Schedule, bool) {
	const everyHour = 1<<24 - 1
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok || spec.Hour&everyHour == everyHour {
		return parsed, false
	}
	if _, changes := reference.In(spec.Location).ZoneBounds(); changes.IsZero() {
		return parsed, false
	}
	plain := *spec
	plain.Location = time.UTC
	return wallClock{plain: &plain, zone: spec.Location}, true
}

// Next implements cron.Schedule.
func (w wallClock) Next(t time.Time) time.Time {
	for shown := wallclock.Shown(t, w.zone); ; {
		shown = w.plain.Next(shown)
		if shown.IsZero() {
			return shown
		}
		if at := wallclock.First(shown, w.zone); at.After(t) {
			return at.In(t.Location())
		}
	}
}

// meets tells whether a schedule that is followed from some time before a moment comes to that very moment.
func meets(s cron.Schedule, before time.Duration, at time.Time) bool {
	next := s.Next(at.Add(-before))
	for !next.IsZero() && next.Before(at) {
		next = s.Next(next)
	}
	return next.Equal(at)
}

// looks are from how long before the CronJob controller may have followed a schedule. Where clocks change by half an
// hour, as they do on Lord Howe Island, the cron library comes to other times from the day before than from the second
// before.
func looks() []time.Duration { return []time.Duration{time.Second, 25 * time.Hour} }

// IsRepeated tells whether the CronJob may fire at a moment that is no slot: the clocks have shown that time already.
func (s Schedule) IsRepeated(at time.Time) bool {
	return s.byClock && !meets(s.next, time.Second, at) &&
		slices.ContainsFunc(looks(), func(before time.Duration) bool { return meets(s.fires, before, at) })
}

// LastSkipped is the last slot after one moment and up to another at which the CronJob may not fire, since the clocks
// skipped what it names; or the zero time.
func (s Schedule) LastSkipped(after, until time.Time) (last time.Time) {
	if !s.byClock {
		return last
	}
	for slot := s.next.Next(after); !slot.IsZero() && !slot.After(until); slot = s.next.Next(slot) {
		if slices.ContainsFunc(looks(), func(before time.Duration) bool { return !meets(s.fires, before, slot) }) {
			last = slot
		}
	}
	return last
}

// ByClock is what the job needs in order to know the times that come twice, as ParseByClock reads it; empty: there are
// none.
func (s Schedule) ByClock() string {
	if !s.byClock {
		return ""
	}
	return s.Cron + " " + s.TimeZone
}

// ParseByClock reads five fields of cron, or a macro such as @daily, and a time zone, such as "30 2 * * *
// Europe/Berlin".
func ParseByClock(text string) (Schedule, error) {
	end := strings.LastIndex(text, " ")
	if end < 0 {
		return Schedule{}, fmt.Errorf("%q: write five fields of cron and a time zone, "+
			"such as \"30 2 * * * Europe/Berlin\"", text)
	}
	zone, err := resolveZone(text[end+1:])
	if err != nil {
		return Schedule{}, err
	}
	return parse(text[:end], zone)
}

// SlotName is the name that the CronJob controller gives to the Job of a slot.
func SlotName(cronJob string, slot time.Time) string {
	return fmt.Sprintf("%s-%d", cronJob, slot.Unix()/60)
}

// SlotOf is the slot that a Job's name tells, if it has the form of SlotName; another name may have it by accident.
func SlotOf(job string) (time.Time, bool) {
	minutes, err := strconv.ParseInt(job[strings.LastIndex(job, "-")+1:], 10, 48)
	if err != nil || minutes < 0 {
		return time.Time{}, false
	}
	return time.Unix(minutes*60, 0).UTC(), true
}
