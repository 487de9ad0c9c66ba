package schedule

import "time"

// Tolerance is how late a run may start: half the shortest time between two runs, at least a minute, at most an hour; a
// minute where missed runs are skipped. A slot that was missed for longer is not made up for.
func (s Schedule) Tolerance() time.Duration {
	if s.skipMissed {
		return time.Minute
	}
	return min(max(s.gap/2, time.Minute), time.Hour)
}

// StartingDeadline is the CronJob's startingDeadlineSeconds. Since is when the schedule came into force, if the CronJob
// is older and has not fired since then, else zero: the CronJob controller would make up for a slot before that, which
// nobody asked for, where the deadline reaches back to it. It is nil for "@every", which would never fire with a
// deadline shorter than its period; there, a run that was missed starts at once.
func (s Schedule) StartingDeadline(since time.Time) *int64 {
	if s.every != 0 {
		return nil
	}
	deadline := s.Tolerance()
	if last := s.lastBefore(since, deadline); !last.IsZero() {
		deadline = max(since.Sub(last)-clockSkew, leastDeadline)
	}
	seconds := int64(deadline / time.Second)
	return &seconds
}

const (
	leastDeadline = 10 * time.Second // the CronJob controller may be that late
	clockSkew     = 2 * time.Second  // and its clock that far off
)

// SettledAt is until when a CronJob must be held that comes into force a few seconds after a slot: the shortest
// deadline would still reach back to it. It is the zero time where there was no such slot.
func (s Schedule) SettledAt(since time.Time) time.Time {
	last := s.lastBefore(since, leastDeadline+clockSkew)
	if last.IsZero() {
		return last
	}
	return last.Add(leastDeadline + clockSkew)
}

// lastBefore is the last slot up to a moment and no longer before it than that, or the zero time.
func (s Schedule) lastBefore(moment time.Time, within time.Duration) (last time.Time) {
	if moment.IsZero() {
		return last
	}
	for at := s.next.Next(moment.Add(-within)); !at.IsZero() && !at.After(moment); at = s.next.Next(at) {
		last = at
	}
	return last
}

// OverdueAt is when the run that is due next counts as late. Since is when the schedule came into force, last when a
// scheduled run last started (zero: never).
func (s Schedule) OverdueAt(since, last time.Time) time.Time {
	from := since
	if last.After(from) {
		from = last
	}
	return s.Next(from, from).Add(s.Grace())
}

// FiresWithin tells whether any of the times of the next years is allowed: all, where nobody can tell before it fires.
func (s Schedule) FiresWithin(allowed func(time.Time) bool) bool {
	if s.every != 0 {
		return true
	}
	const runs = 400 // more than a year of days, and at least a week of minutes
	at := s.next.Next(reference)
	for n := 0; !at.IsZero() && (n < runs || at.Before(reference.Add(week+day))); n++ {
		if allowed(at) {
			return true
		}
		at = s.next.Next(at)
	}
	return false
}

// Grace is how long after its time a run that did not start counts as missed: the tolerance, and a minute for the
// CronJob controller and its clock.
func (s Schedule) Grace() time.Duration { return s.Tolerance() + time.Minute }

// Slots are the times after one moment and before another, the first of them if there are more than most. Anchor is as
// in Next.
func (s Schedule) Slots(after, before, anchor time.Time, most int) (slots []time.Time) {
	at := s.firstAfter(after, anchor)
	for !at.IsZero() && at.Before(before) && len(slots) < most {
		slots = append(slots, at)
		at = s.firstAfter(at, anchor)
	}
	return slots
}

// firstAfter is the first time after a moment, which may lie before the anchor.
func (s Schedule) firstAfter(at, anchor time.Time) time.Time {
	if s.every == 0 {
		return s.next.Next(at)
	}
	periods := at.Sub(anchor) / s.every
	if next := anchor.Add(periods * s.every); next.After(at) { // the division rounds towards the anchor
		return next
	}
	return anchor.Add((periods + 1) * s.every)
}

// OverAt is when a slot for which nothing started counts as missed: after its grace; of "@every", which starts it
// however late, when the next one is due.
func (s Schedule) OverAt(slot time.Time) time.Time {
	if s.every != 0 {
		return slot.Add(s.every + time.Minute)
	}
	return slot.Add(s.Grace())
}
