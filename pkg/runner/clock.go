package runner

import (
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/schedule"
)

// repeatedError says that the clocks have shown the run's time already.
type repeatedError struct {
	slot time.Time
	zone string
}

func (e *repeatedError) Error() string {
	return fmt.Sprintf("the clocks of %s went back and show %s for the second time: the run of the first time counts",
		e.zone, e.slot.Format("15:04"))
}

// keepClock ends a run whose slot is none. A Job that has another name than a CronJob gives, such as a manual one,
// always runs.
func (r *run) keepClock() error {
	if r.o.ByClock == "" {
		return nil
	}
	s, err := schedule.ParseByClock(r.o.ByClock)
	if err != nil {
		return &usageError{fmt.Errorf("--by-clock: %w", err)}
	}
	slot, ok := schedule.SlotOf(r.result.Run)
	if !ok || !s.IsRepeated(slot) {
		return nil
	}
	return &repeatedError{slot: slot.In(s.Location()), zone: s.TimeZone}
}
