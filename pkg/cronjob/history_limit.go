package cronjob

import (
	"time"

	"ucorefs.io/maintenance/pkg/schedule"
)

// What stays of runs that ended, for `kubectl logs`, and so that a controller that was away can still read how they
// ended. The CronJob controller deletes what exceeds its history limits whether somebody read it or not, and nothing
// can hinder it: it copies no finalizer from the template to a Job, and who is away can set none. So the limits are
// long enough for an absence of coveredAbsence, and bounded, since each Job and its pod is an object in etcd and in the
// controller's memory.
const (
	coveredAbsence = time.Hour
	leastKept      = 3
	mostKept       = 20

	// ownTTL is how long a Job that the controller made stays after its end; no CronJob clears it away. It is longer
	// than a weekend: somebody asked for that run.
	ownTTL = 7 * 24 * time.Hour
)

// historyLimit is how many ended Jobs of either kind the CronJob keeps.
func historyLimit(s schedule.Schedule) *int32 {
	return new(int32(min(max(s.RunsIn(coveredAbsence), leastKept), mostKept)))
}
