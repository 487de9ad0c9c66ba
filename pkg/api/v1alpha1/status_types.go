package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MaintenanceScheduleStatus is what the controller made of a schedule.
type MaintenanceScheduleStatus struct {
	// The metadata.generation that this status is about; -1 before the controller saw the schedule.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// What is so: Ready (accepted, and the CronJob is in sync), Stalled (the spec cannot work; the message says why),
	// LastRunSucceeded, Overdue (a run should have started and did not), RunBlocked (a pod waits for something missing)
	// and Idle (for a schedule with spec.idle: whether the last run found the library idle).
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`
	// The present state in a sentence: what is wrong, else what the last run said.
	// +optional
	Message string `json:"message,omitempty"`
	// The schedule as the CronJob has it: a cron expression, or @every and a period.
	// +optional
	Schedule string `json:"schedule,omitempty"`
	// A digest of what the API server made of the CronJob that was written last, where admission policies or defaults
	// changed it.
	// +optional
	CronJobDigest string `json:"cronJobDigest,omitempty"`
	// When that is, as a sentence, such as "at 03:30 every day (Europe/Berlin)".
	// +optional
	Description string `json:"description,omitempty"`
	// The time zone as the CronJob has it.
	// +optional
	TimeZone string `json:"timeZone,omitempty"`
	// Since when this schedule has been in force: its creation, its last change, or its last resumption.
	// +optional
	ScheduledSince *metav1.Time `json:"scheduledSince,omitempty"`
	// When the next scheduled run is due. Not set while suspended or stalled.
	// +optional
	NextScheduleTime *metav1.Time `json:"nextScheduleTime,omitempty"`
	// When the next three scheduled runs are due, the first of them at nextScheduleTime.
	// +optional
	// +listType=atomic
	NextScheduleTimes []metav1.Time `json:"nextScheduleTimes,omitempty"`
	// nextScheduleTime for a person, in the schedule's time zone; or the word why there is none.
	// +optional
	NextRun string `json:"nextRun,omitempty"`
	// When a scheduled run was last due and started.
	// +optional
	LastScheduleTime *metav1.Time `json:"lastScheduleTime,omitempty"`
	// How many scheduled runs did not take place, by reason: Overlap (an earlier run was still under way), Missed (no Job
	// was made in time), Unknown (the controller was away, and whether it took place is unknown), Suspended (counted when
	// the schedule goes on), WindowClosed, NotIdle, Locked or Refused (as the run said).
	// +optional
	MissedRuns map[string]int64 `json:"missedRuns,omitempty"`
	// The last of them.
	// +optional
	LastMissed *MissedRun `json:"lastMissed,omitempty"`
	// How many runs ended since the schedule was created, by outcome. Dry runs do not count.
	// +optional
	EndedRuns map[string]int64 `json:"endedRuns,omitempty"`
	// When a run last ended well (Succeeded, or Paused at a safe point). Dry runs do not count.
	// +optional
	LastSuccessfulTime *metav1.Time `json:"lastSuccessfulTime,omitempty"`
	// When a run last ended as Failed, Partial or Refused. Dry runs do not count.
	// +optional
	LastFailureTime *metav1.Time `json:"lastFailureTime,omitempty"`
	// How many runs in a row ended as Failed, Partial or Refused. Skipped runs and dry runs do not count.
	// +optional
	ConsecutiveFailures int32 `json:"consecutiveFailures,omitempty"`
	// The run that ended last, with its whole result.
	// +optional
	LastRun *RunResult `json:"lastRun,omitempty"`
	// The last run that was not a dry run. Set only while lastRun is a dry run.
	// +optional
	LastRealRun *RunSummary `json:"lastRealRun,omitempty"`
	// The runs that ended, latest first; at most spec.historyLimit.
	// +optional
	// +listType=atomic
	History []RunSummary `json:"history,omitempty"`
	// The runs that are under way.
	// +optional
	// +listType=atomic
	Active []ActiveRun `json:"active,omitempty"`
	// The value of the annotation maintenance.ucorefs.io/run-now that last started a run. Another value there runs the
	// task once more, as soon as no run is under way.
	// +optional
	RunNow string `json:"runNow,omitempty"`
	// The order that the annotation maintenance.ucorefs.io/run-now last gave, and what became of it.
	// +optional
	LastOrder *RunOrder `json:"lastOrder,omitempty"`
}

// Trigger is what started a run.
// +kubebuilder:validation:Enum=Scheduled;Manual
type Trigger string

// The triggers.
const (
	TriggerScheduled Trigger = "Scheduled" // its time had come
	TriggerManual    Trigger = "Manual"    // the annotation run-now got a new value
)

// RunSummary is how one run ended.
type RunSummary struct {
	// The run's name, which is the name of its Job.
	Run string `json:"run"`
	// Scheduled or Manual.
	// +optional
	Trigger Trigger `json:"trigger,omitempty"`
	// Succeeded, Partial, Failed, Refused, Skipped or Paused; Unknown where the Job was deleted before its result was
	// read.
	Outcome string `json:"outcome"`
	// Why it ended so, as a CamelCase word; empty where the outcome says all.
	// +optional
	Reason string `json:"reason,omitempty"`
	// The same in a sentence.
	// +optional
	Message string `json:"message,omitempty"`
	// How many pods tried: more than one where Kubernetes started another after one that failed.
	// +optional
	Attempts int32 `json:"attempts,omitempty"`
	// Whether the run only planned. A dry run counts neither as a success nor as a failure.
	// +optional
	DryRun bool `json:"dryRun"`
	// When it started.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`
	// When Kubernetes saw its Job end; of an Unknown run, when the controller found it gone.
	// +optional
	FinishedAt *metav1.Time `json:"finishedAt,omitempty"`
	// How long it took, such as 12.4s.
	// +optional
	Duration string `json:"duration,omitempty"`
	// The figures of the run, such as filesChecked: 182044.
	// +optional
	Counts map[string]int64 `json:"counts,omitempty"`
	// How many warnings the run had; lastRun.warnings holds those of the last one.
	// +optional
	WarningCount int32 `json:"warningCount,omitempty"`
}

// RunResult is everything that one run said.
type RunResult struct {
	RunSummary `json:",inline"`
	// The task that ran.
	// +optional
	Task string `json:"task,omitempty"`
	// The declaration of the library that it worked on, such as ucorefs.
	// +optional
	Library string `json:"library,omitempty"`
	// The plan's name, for spec.limits.allowPlan.
	// +optional
	PlanDigest string `json:"planDigest,omitempty"`
	// A few of the items that the run is about.
	// +optional
	// +listType=atomic
	Sample []string `json:"sample,omitempty"`
	// What the run could not do or promise.
	// +optional
	// +listType=atomic
	Warnings []string `json:"warnings,omitempty"`
}

// MissedRun is a scheduled run that did not take place.
type MissedRun struct {
	// When it was due.
	Time metav1.Time `json:"time"`
	// One of the reasons of missedRuns.
	Reason string `json:"reason"`
	// The same in a sentence.
	// +optional
	Message string `json:"message,omitempty"`
}

// ActiveRun is a run that is under way.
type ActiveRun struct {
	// The run's name, which is the name of its Job.
	Run string `json:"run"`
	// Scheduled or Manual.
	// +optional
	Trigger Trigger `json:"trigger,omitempty"`
	// Whether it only plans.
	// +optional
	DryRun bool `json:"dryRun,omitempty"`
	// When its Job started.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`
	// How far it is, looked at every ten seconds.
	// +optional
	Progress *RunProgress `json:"progress,omitempty"`
}

// RunProgress is how far a run is. Within one attempt it never goes back.
type RunProgress struct {
	// When the run said so.
	Time metav1.Time `json:"time"`
	// Which pod of the run said so, from 1.
	Attempt int32 `json:"attempt"`
	// Which step of the attempt is under way, from 1.
	Step int32 `json:"step"`
	// The step in a few words, such as "counting files".
	Name string `json:"name"`
	// How much of the step is done, 0 to 100, where that is known.
	// +optional
	Percent *int32 `json:"percent,omitempty"`
	// The units of the step that are done, such as files.
	Done int64 `json:"done"`
	// How many they will be, about, where that is known.
	// +optional
	Total int64 `json:"total,omitempty"`
	// The units done in a second.
	PerSecond int64 `json:"perSecond"`
	// How long the rest of the step takes at that rate, such as 2m10s, where that is known.
	// +optional
	TimeLeft string `json:"timeLeft,omitempty"`
	// The throttle of the run, where it says so: Off, Low or Normal.
	// +optional
	Throttle Throttle `json:"throttle,omitempty"`
	// The units that the run may do in a second at present; not set: as many as there are.
	// +optional
	MaxPerSecond int64 `json:"maxPerSecond,omitempty"`
	// Why the run may do fewer than its throttle allows, such as "the database takes 400ms to answer, usually 20ms".
	// +optional
	SlowedBy string `json:"slowedBy,omitempty"`
}
