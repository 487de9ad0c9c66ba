package schedule

import "time"

// RunsIn is how many runs of the schedule at most begin within a time, rounded up.
func (s Schedule) RunsIn(d time.Duration) int {
	apart := max(s.gap, s.every, time.Minute)
	if apart >= d {
		return 1
	}
	return int((d + apart - 1) / apart)
}
