package v1alpha1

// Condition types of status.conditions.
const (
	// ConditionReady is True when the spec was accepted and the CronJob is as it should be.
	ConditionReady = "Ready"
	// ConditionStalled is True, and otherwise absent, when the spec cannot work until somebody changes something.
	ConditionStalled = "Stalled"
	// ConditionLastRunSucceeded is about the last run that was neither skipped nor a dry run; absent before the first.
	ConditionLastRunSucceeded = "LastRunSucceeded"
	// ConditionOverdue is True when a scheduled run should have started and did not.
	ConditionOverdue = "Overdue"
	// ConditionIdle is there where spec.idle is: False after a run that gave up waiting, or paused since the library was
	// in use again, True after one that found the library idle, Unknown before the first.
	ConditionIdle = "Idle"
	// ConditionRunBlocked is True, and otherwise absent, while a pod cannot start: a Secret, an image, a claim or a node
	// is missing.
	ConditionRunBlocked = "RunBlocked"
)

// Reasons of Ready.
const (
	ReasonInSync       = "InSync"       // True: the CronJob is as the spec says
	ReasonSuspended    = "Suspended"    // True: in sync, and suspended by spec.suspend
	ReasonInitialDelay = "InitialDelay" // True: in sync, and held until the initial delay is over
	ReasonApplyFailed  = "ApplyFailed"  // False: the API server did not take the CronJob; it is tried again
	ReasonRunNotMade   = "RunNotMade"   // False: the API server did not take the Job of run-now or of a skipped time; it is tried again
)

// Reasons of Stalled, and of Ready=False with it.
const (
	ReasonUnknownTask           = "UnknownTask"           // spec.task names no task
	ReasonInvalidSchedule       = "InvalidSchedule"       // spec.schedule is not cron, or never fires
	ReasonInvalidTimeZone       = "InvalidTimeZone"       // spec.timeZone does not exist
	ReasonInvalidParameters     = "InvalidParameters"     // the job would refuse its command line
	ReasonInvalidWindow         = "InvalidWindow"         // the schedule never fires in spec.window
	ReasonDatabaseNotConfigured = "DatabaseNotConfigured" // neither the spec nor the chart names the Secret
	ReasonVolumeMissing         = "VolumeMissing"         // the task works on a folder that no volume brings
	ReasonTooManyFailures       = "TooManyFailures"       // as many runs failed in a row as spec.suspendAfterFailures allows
	ReasonForeignCronJob        = "ForeignCronJob"        // a CronJob of that name exists that is not this schedule's
)

// Reasons of Overdue.
const (
	ReasonOnTime       = "OnTime"       // False: nothing is late
	ReasonNotScheduled = "NotScheduled" // False: suspended, held or stalled, so that nothing can be late
	ReasonMissedRun    = "MissedRun"    // True: the time came and no Job was made
	ReasonStillRunning = "StillRunning" // True: the time came while an earlier run was under way
	ReasonNotStarted   = "NotStarted"   // True: a Job was made, and its pod cannot start
	ReasonLocked       = "Locked"       // True: runs were skipped, since another one works on the same
)

// Reasons of Idle.
const (
	ReasonNotIdle   = "NotIdle"   // False: the last run gave up waiting
	ReasonFoundIdle = "FoundIdle" // True: the last run found the library idle
	ReasonNeverRun  = "NeverRun"  // Unknown: there was no run yet
)

// Reasons of LastRunSucceeded, where the run itself gave none.
const (
	ReasonRunSucceeded = "RunSucceeded" // True
	ReasonRunFailed    = "RunFailed"    // False
)

// Reasons of RunBlocked.
const (
	ReasonSecretMissing = "SecretMissing" // a Secret, or its key, does not exist
	ReasonImageMissing  = "ImageMissing"  // the image cannot be pulled
	ReasonUnschedulable = "Unschedulable" // no node takes the pod, or a claim is missing
	ReasonCannotStart   = "CannotStart"   // the container cannot be made for another reason
	ReasonPodsForbidden = "PodsForbidden" // the Job may not make pods (quota, LimitRange, Pod Security, service account)
	ReasonNotMounted    = "NotMounted"    // a volume cannot be attached or mounted
	ReasonHeld          = "Held"          // a scheduling gate, or the suspension of its Job, holds it, as a queue such as Kueue does
	ReasonNodeLost      = "NodeLost"      // the node of a pod does not answer any more
)

// The outcomes that no run reports itself.
const (
	// OutcomeUnknown is that of a run whose end nobody saw: neither a success nor a failure, and it counts as none.
	OutcomeUnknown = "Unknown"
)

// Reasons of runs that the controller itself had to judge. They are in status.lastRun.reason, too, where the run's own
// would be.
const (
	RunReasonNoResult         = "NoResult"         // the pod ended and left no termination message
	RunReasonUnreadableResult = "UnreadableResult" // its termination message is cut, or is no result
	RunReasonPodGone          = "PodGone"          // the pod was deleted before its result was read
	RunReasonJobDeleted       = "JobDeleted"       // Unknown: the Job was deleted before its result was read
	RunReasonDeadlineExceeded = "DeadlineExceeded" // the run took longer than spec.activeDeadline
	RunReasonCannotStart      = "CannotStart"      // the container could not be started; the message has the words of the container runtime
	RunReasonInitFailed       = "InitFailed"       // an init container, which another program added, failed
	RunReasonEvicted          = "Evicted"          // the cluster took the pod away: the node ran short, was drained, or was lost
	RunReasonOOMKilled        = "OOMKilled"        // the pod needed more memory than its limit
	RunReasonJobFailed        = "JobFailed"        // the Job failed although the pod reported no failure
)

// Reasons of status.missedRuns.
const (
	MissedOverlap      = "Overlap"      // an earlier run was still under way
	MissedNoJob        = "Missed"       // no Job was made in time
	MissedUnknown      = "Unknown"      // whether it took place is unknown: the controller was away, and Jobs of that time are gone
	MissedSuspended    = "Suspended"    // the schedule was suspended or stalled, or had stopped itself
	MissedWindowClosed = "WindowClosed" // the run was skipped: it was due outside spec.window
	MissedNotIdle      = "NotIdle"      // the run was skipped: the library was in use
	MissedLocked       = "Locked"       // the run was skipped: another run worked on the same
	MissedRefused      = "Refused"      // the run refused to change anything
)

// MissedReasons are all of them.
func MissedReasons() []string {
	return []string{MissedOverlap, MissedNoJob, MissedUnknown, MissedSuspended, MissedWindowClosed, MissedNotIdle,
		MissedLocked, MissedRefused}
}

// Reasons of Events.
const (
	EventCronJobUpdated  = "CronJobUpdated"  // the spec changed, and the CronJob with it
	EventCronJobRepaired = "CronJobRepaired" // somebody had changed or deleted the CronJob
	EventCronJobAdopted  = "CronJobAdopted"  // the schedule's CronJob had no owner, as after a restore of the cluster, and has one again
	EventCronJobHeld     = "CronJobHeld"     // the CronJob was suspended because the spec is stalled
	EventStalled         = "Stalled"         // the spec cannot work
	EventRunStarted      = "RunStarted"      // the controller made a Job: for run-now, or for a time that the clocks skipped
	EventRunNotStarted   = "RunNotStarted"   // run-now is unclear, or was there when the schedule was first seen: it starts nothing
	EventRunWaiting      = "RunWaiting"      // run-now waits until the active run ends
	EventRunEnded        = "RunEnded"        // a run ended; the note is its result
	EventRunWarned       = "RunWarned"       // a run ended and has warnings
	EventRunBlocked      = "RunBlocked"      // a pod cannot start
	EventOverdue         = "Overdue"         // a run should have started and did not
	EventRunMissed       = "RunMissed"       // scheduled runs did not take place
	EventFieldIgnored    = "FieldIgnored"    // a field has no effect here, or not the one that was meant
)

// Labels of the CronJobs, Jobs and pods.
const (
	// LabelSchedule is the schedule's name.
	LabelSchedule = "maintenance.ucorefs.io/schedule"
	// LabelTask is the canonical name of the task.
	LabelTask = "maintenance.ucorefs.io/task"
	// LabelManagedBy has the value ucorefs-maintenance on everything that the controller makes.
	LabelManagedBy = "app.kubernetes.io/managed-by"
)

// ManagedBy is the controller's name, the value of LabelManagedBy.
const ManagedBy = "ucorefs-maintenance"

// Annotations.
const (
	// AnnotationRunNow on a schedule runs it once now when it gets a new value: plan:TOKEN only plans, run:TOKEN and TOKEN
	// do what spec.dryRun says. On a Job it is the value that made it.
	AnnotationRunNow = "maintenance.ucorefs.io/run-now"
	// AnnotationRunNowDryRun on a schedule overrides spec.dryRun for a run-now without a word: true or false. Deprecated:
	// write plan:TOKEN into run-now. The next version ignores it.
	AnnotationRunNowDryRun = "maintenance.ucorefs.io/run-now-dry-run"
	// AnnotationThrottle on a schedule takes the place of spec.throttle while it is there: Off, Low or Normal. On a pod it
	// is what the run is to have from now on.
	AnnotationThrottle = "maintenance.ucorefs.io/throttle"
	// AnnotationSuspendReason on a schedule says why somebody suspended it; it is for people and changes nothing.
	AnnotationSuspendReason = "maintenance.ucorefs.io/suspend-reason"
	// AnnotationApplied on a CronJob is the digest of the spec that the controller wrote last.
	AnnotationApplied = "maintenance.ucorefs.io/applied"
)
