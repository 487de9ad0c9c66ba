package manifests

import "time"

// readStart reads when within its period a schedule runs, and how long after its creation first.
func (c *converter) readStart(r *reader, s *Spec, period time.Duration) {
	if delay := r.duration("initial_delay_seconds", time.Second, 0); delay > 0 {
		s.InitialDelay = text(delay)
	}
	hour, given := r.whole("preferred_hour", 0, 23)
	if !given {
		return
	}
	const day = 24 * time.Hour
	if period%time.Hour != 0 || period == 0 || day%period != 0 {
		if period > 0 {
			c.fail(r.path+".preferred_hour", "it needs an interval that divides the day "+
				"(1, 2, 3, 4, 6, 8, 12 or 24 hours), and this one is %s", text(period))
		}
		return
	}
	s.PreferredHour, s.TimeZone = &hour, c.options.TimeZone
}
