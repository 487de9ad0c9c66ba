package schedule

import "time"

// Tolerance is how late a run may start: half the shortest time between two runs, at least a minute, at most an hour. A slot
// that was missed for longer is not made up for.
func (s Schedule) Tolerance() time.Duration {
	return min(max(s.gap/2, time.Minute), time.Hour)
}

// StartingDeadline is the CronJob's startingDeadlineSeconds. It is nil for "@every", which would never fire with a deadline
// shorter than its period; there, a run that was missed starts at once.
func (s Schedule) StartingDeadline() *int64 {
	if s.every != 0 {
		return nil
	}
	seconds := int64(s.Tolerance() / time.Second)
	return &seconds
}

// OverdueAt is when the run that is due next counts as late. Since is when the schedule came into force, last when a scheduled
// run last started (zero: never).
func (s Schedule) OverdueAt(since, last time.Time) time.Time {
	from := since
	if last.After(from) {
		from = last
	}
	const controllerLag = time.Minute // what the CronJob controller and its clock may take
	return s.Next(from, from).Add(s.Tolerance() + controllerLag)
}
