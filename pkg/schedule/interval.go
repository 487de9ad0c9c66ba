package schedule

import (
	"fmt"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// FixedIntervals are the periods that get fixed times: those that one cron expression has, in the order of their
// length.
func FixedIntervals() (all []time.Duration) {
	for period := time.Minute; period <= week; period += time.Minute {
		if _, ok := exactCron(period, 0); ok {
			all = append(all, period)
		}
	}
	return all
}

// FixedIntervalsText names them, such as "1m, 2m and 1h".
func FixedIntervalsText() string {
	var names []string
	for _, period := range FixedIntervals() {
		if period%time.Hour == 0 {
			names = append(names, fmt.Sprintf("%dh", period/time.Hour))
			continue
		}
		names = append(names, fmt.Sprintf("%dm", period/time.Minute))
	}
	return and(names)
}

// exactCron is the cron expression that fires every period, the first time offset after Sunday 00:00, where there is
// one: when the period divides the hour in minutes or the day in hours, or is a week. Others (40m, 90m, 7h, 36h) would
// have a short gap at the end of the hour or the day.
func exactCron(period, offset time.Duration) (string, bool) {
	minutes, hours := int(offset/time.Minute)%60, int(offset/time.Hour)%24
	switch {
	case period%time.Minute != 0:
		return "", false
	case period < time.Hour && time.Hour%period == 0:
		return stepped(minutes, int(period/time.Minute), 59) + " * * * *", true
	case period%time.Hour != 0:
		return "", false
	case period < day && day%period == 0:
		return fmt.Sprintf("%d %s * * *", minutes, stepped(hours, int(period/time.Hour), 23)), true
	case period == day:
		return fmt.Sprintf("%d %d * * *", minutes, hours), true
	case period == week:
		return fmt.Sprintf("%d %d * * %d", minutes, hours, int(offset/day)%7), true
	}
	return "", false
}

// stepped is the cron field for from, from+step, from+2·step and so on up to last.
func stepped(from, step, last int) string {
	if step == 1 {
		return "*"
	}
	if from == 0 {
		return fmt.Sprintf("*/%d", step)
	}
	return fmt.Sprintf("%d-%d/%d", from, last, step)
}

// resolvePreferred puts an interval that divides the day at the preferred hour and every interval after it, in a minute
// of that hour that the key chooses.
func resolvePreferred(s Spec, zone string) (Schedule, error) {
	hour := time.Duration(*s.PreferredHour) * time.Hour
	if s.Interval%time.Hour != 0 || day%s.Interval != 0 || hour < 0 || hour >= day {
		return Schedule{}, fmt.Errorf("%w: preferredHour %d with interval %s: write an hour from 0 to 23, "+
			"and an interval that divides the day: 1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h",
			ErrSchedule, *s.PreferredHour, s.Interval)
	}
	exact, _ := exactCron(s.Interval, s.spread(hour%s.Interval, time.Hour))
	return parse(exact, zone)
}

// resolveFixed is an interval with fixed times, by time that passes; with a window by the clocks of the window, so that
// the times stay in it when the clocks change.
func resolveFixed(s Spec, zone string) (Schedule, bool, error) {
	exact, ok := exactCron(s.Interval, s.spread(0, s.Interval))
	if !ok {
		return Schedule{}, false, nil
	}
	if s.Within == nil {
		zone = DefaultTimeZone
	}
	fixed, err := parse(exact, zone)
	return fixed, true, err
}

// spread is where in the week the schedule starts, within a width from an offset on: always the same, in whole minutes,
// and evenly over all keys.
func (s Spec) spread(offset, width time.Duration) time.Duration {
	choices := max(int(min(width, week)/time.Minute), 1)
	chosen := int(hash(s.Key) % uint64(choices))
	if s.Within != nil {
		chosen = best(chosen, s.Key, choices, func(i int) int {
			return s.Within.runs(int(offset/time.Minute)+i, int(s.Interval/time.Minute))
		})
	}
	return offset + time.Duration(chosen)*time.Minute
}
