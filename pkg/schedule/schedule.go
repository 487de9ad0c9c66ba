// Package schedule decides when runs are due: it turns what a user wrote (cron or an interval, a zone, a preferred
// hour) into the exact form that a CronJob takes, and says when that fires next and when a run is late.
//
// It is pure: every time is an argument, and the only thing read is the time zone database. It must agree with the
// Kubernetes CronJob controller, which parses with the same library; whatever that one would trip over is refused here.
package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// What is wrong with a Spec; errors of Resolve wrap one of them.
var (
	ErrSchedule = errors.New("the schedule cannot work")
	ErrTimeZone = errors.New("the time zone cannot work")
)

// DefaultTimeZone is the zone of a schedule that names none, and of intervals without a preferred hour or a window,
// which no zone may shift.
const DefaultTimeZone = "Etc/UTC"

// Spec is when to run, as the user wrote it. Exactly one of Cron and Interval is set.
type Spec struct {
	Cron          string        // five fields, where H is a value that the key chooses, or a descriptor such as @daily
	Interval      time.Duration // at least a minute
	TimeZone      string        // IANA name; empty means DefaultTimeZone
	PreferredHour *int32        // 0..23, with an Interval that divides the day
	SkipMissed    bool          // a run that was missed is not made up for
	Key           string        // what spreads intervals and H: namespace/name
	Within        Within        // the window by the clocks of TimeZone; nil: none
}

// Schedule is the form that a CronJob has.
type Schedule struct {
	Cron     string        // a cron expression, or "@every 1h30m0s"
	TimeZone string        // never empty
	next     cron.Schedule // when a run is due
	fires    cron.Schedule // when the CronJob fires: not quite the same where the clocks change
	byClock  bool          // whether they may differ
	every    time.Duration // of "@every", else 0
	gap      time.Duration // the shortest time between two runs

	skipMissed bool
}

// Stored is a schedule as an earlier Resolve left it: its Cron and its TimeZone.
func Stored(cron, timeZone string) (Schedule, error) {
	period, isEvery := strings.CutPrefix(cron, "@every ")
	if !isEvery {
		zone, err := resolveZone(timeZone)
		if err != nil {
			return Schedule{}, err
		}
		return parse(cron, zone)
	}
	d, err := time.ParseDuration(period)
	if err != nil || d < time.Second {
		return Schedule{}, fmt.Errorf("%w: %q is no period", ErrSchedule, cron)
	}
	return every(d)
}

// Resolve is the CronJob's form of s, or why there is none, with what to write instead.
func Resolve(s Spec) (Schedule, error) {
	resolved, err := resolve(s)
	resolved.skipMissed = s.SkipMissed
	return resolved, err
}

func resolve(s Spec) (Schedule, error) {
	zone, err := resolveZone(s.TimeZone)
	if err != nil {
		return Schedule{}, err
	}
	if s.Cron != "" {
		cron, err := spreadFields(s.Cron, s.Key, s.Within)
		if err != nil {
			return Schedule{}, err
		}
		return parse(cron, zone)
	}
	if s.Interval < time.Minute {
		return Schedule{}, fmt.Errorf("%w: interval %s is shorter than a minute: write 1m or more",
			ErrSchedule, s.Interval)
	}
	if s.PreferredHour != nil {
		return resolvePreferred(s, zone)
	}
	if fixed, ok, err := resolveFixed(s, zone); ok {
		return fixed, err
	}
	return every(s.Interval)
}

// Next is the first moment after now at which the CronJob fires, or the zero time. Anchor is what "@every" counts from:
// when the CronJob last fired, else when it was created.
func (s Schedule) Next(now, anchor time.Time) time.Time {
	if s.every == 0 {
		return s.next.Next(now)
	}
	periods := max(now.Sub(anchor)/s.every+1, 1)
	return anchor.Add(periods * s.every)
}

// Upcoming are the next n times after now; fewer where there are fewer.
func (s Schedule) Upcoming(now, anchor time.Time, n int) (times []time.Time) {
	for at := s.Next(now, anchor); !at.IsZero() && len(times) < n; at = s.Next(at, anchor) {
		times = append(times, at)
	}
	return times
}

// IsEvery tells whether it is a period that counts from when the CronJob last fired.
func (s Schedule) IsEvery() bool { return s.every != 0 }

// Location is the zone in which to show times.
func (s Schedule) Location() *time.Location {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil { // Resolve has loaded it already
		return time.UTC
	}
	return zone
}
