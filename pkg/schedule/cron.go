package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// reference is from where a schedule is looked at when no time matters; February of that year has a 29th.
var reference = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// parse reads an expression as the API server does, and refuses what the API server panics on (a TZ= without a blank
// after it) or accepts although it never fires (30 February).
func parse(expression, zone string) (Schedule, error) {
	if strings.Contains(expression, "TZ=") {
		return Schedule{}, fmt.Errorf("%w: %q names a time zone: write it in timeZone", ErrSchedule, expression)
	}
	if strings.HasPrefix(expression, "@every") {
		return Schedule{}, fmt.Errorf("%w: %q: write the period in interval", ErrSchedule, expression)
	}
	fires, err := cron.ParseStandard("TZ=" + zone + " " + expression)
	if err != nil {
		return Schedule{}, fmt.Errorf("%w: %q is not cron: %w; write minute hour day month weekday, "+
			"such as '0 3 * * *'", ErrSchedule, expression, err)
	}
	if fires.Next(reference).IsZero() {
		return Schedule{}, fmt.Errorf("%w: %q never fires: no year has such a date", ErrSchedule, expression)
	}
	next, fixed := byClock(fires)
	return Schedule{Cron: expression, TimeZone: zone, next: next, fires: fires, byClock: fixed,
		gap: shortestGap(next)}, nil
}

// every is the form for a period that has no fixed times.
func every(period time.Duration) (Schedule, error) {
	period = period.Truncate(time.Second) // the cron library's resolution
	expression := "@every " + period.String()
	next, err := cron.ParseStandard(expression)
	if err != nil {
		return Schedule{}, fmt.Errorf("%w: interval %s: %w", ErrSchedule, period, err)
	}
	return Schedule{Cron: expression, TimeZone: DefaultTimeZone, next: next, fires: next, every: period,
		gap: period}, nil
}

// shortestGap looks at enough runs to meet the irregularities of a day and of the turn of a month. Gaps of days, which
// a longer look would find, make no difference: see Tolerance.
func shortestGap(next cron.Schedule) time.Duration {
	const runs = 200
	at, end := next.Next(reference), reference.Add(62*day)
	least := time.Duration(1<<63 - 1)
	for n := 0; n < runs && at.Before(end); n++ {
		after := next.Next(at)
		if after.IsZero() {
			break
		}
		least = min(least, after.Sub(at))
		at = after
	}
	return least
}

func resolveZone(name string) (string, error) {
	if name == "" {
		return DefaultTimeZone, nil
	}
	if strings.EqualFold(name, "Local") {
		return "", fmt.Errorf("%w: %q depends on the machine: write an IANA name, such as Europe/Berlin",
			ErrTimeZone, name)
	}
	if _, err := time.LoadLocation(name); err != nil {
		return "", fmt.Errorf("%w: %q is not in the time zone database: write an IANA name, such as Europe/Berlin",
			ErrTimeZone, name)
	}
	return name, nil
}
