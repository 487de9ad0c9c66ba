// Package wallclock says when the clocks of a time zone show a time, on the days too on which they change.
//
// What the clocks show is a time.Time in UTC with that date and hour, since it may be no moment, or two. The package is
// pure: it must read nothing but the time zone database.
package wallclock

import "time"

const day = 24 * time.Hour

// Shown is what the clocks of a zone show at a moment.
func Shown(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// First is when the clocks of a zone first show that, in whole seconds; where they skip it, when they do.
func First(shown time.Time, zone *time.Location) time.Time {
	near := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), shown.Second(), 0, zone)
	for _, change := range changesAround(near) {
		before, after := offset(change.Add(-time.Second)), offset(change)
		if at := shown.Add(-before); at.Before(change) && !at.Before(change.Add(-day)) {
			return at.In(zone)
		}
		if shown.Add(-after).Before(change) {
			return change
		}
	}
	return near
}

// Past is when the clocks of a zone have first shown all times up to that one; where they skip the last of them, when
// they would have shown it had they not changed.
func Past(shown time.Time, zone *time.Location) time.Time {
	last := shown.Add(-time.Second)
	at := First(last, zone)
	if Shown(at, zone).Equal(last) {
		return at.Add(time.Second)
	}
	return shown.Add(-offset(at.Add(-time.Second))).In(zone)
}

// changesAround are the changes of a zone's clocks within a day of a moment.
func changesAround(near time.Time) (changes []time.Time) {
	begins, ends := near.ZoneBounds()
	for _, change := range []time.Time{begins, ends} {
		if !change.IsZero() && change.Sub(near).Abs() <= day {
			changes = append(changes, change)
		}
	}
	return changes
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
