package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MaintenanceScheduleSpec says what to run, when, and within which limits.
//
// +kubebuilder:validation:XValidation:rule="has(self.schedule) != has(self.interval)",message="write exactly one of schedule (times of day, such as '0 3 * * *') and interval (a period, such as 6h)"
// +kubebuilder:validation:XValidation:rule="!has(self.preferredHour) || has(self.interval)",message="preferredHour goes with interval; a schedule says its hour itself, as in '0 3 * * *'"
// +kubebuilder:validation:XValidation:rule="!has(self.preferredHour) || !has(self.interval) || self.interval.matches('^((1|2|3|4|6|8|12|24)h(0m)?(0s)?|(60|120|180|240|360|480|720|1440)m(0s)?)$')",message="preferredHour needs an interval that divides the day: 1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h"
type MaintenanceScheduleSpec struct {
	// +required
	Task TaskName `json:"task"`

	// When to run, as the five fields of cron: minute, hour, day of month, month, day of week. "0 3 * * *" is daily at
	// 03:00, "*/15 * * * 1-5" every quarter of an hour on working days. H spreads the starts: it is a value that depends
	// on the schedule's namespace and name and never changes. "H 3 * * *" is daily in some minute after 03:00, "H/15 * * *
	// *" four times an hour, "H H(1-5) * * *" daily between 01:00 and 05:59. @hourly, @daily, @weekly, @monthly and
	// @yearly work too. The times are those of timeZone. Write either this or interval.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="!self.contains('TZ=')",message="no TZ= in schedule: write the zone in timeZone, such as Europe/Berlin"
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('@every')",message="no @every in schedule: write the period in interval, such as 90m"
	// +kubebuilder:validation:XValidation:rule="self.contains('TZ=') || self.startsWith('@every') || self.matches('^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[^ @]+( +[^ ]+){4})$')",message="schedule is not cron: write five fields, minute hour day month weekday, such as '0 3 * * *', or @hourly, @daily, @weekly, @monthly, @yearly"
	Schedule string `json:"schedule,omitempty"`

	// How often to run: a period in hours, minutes and seconds, such as 5m, 6h or 36h; from 1m to 8760h. These periods
	// have fixed times, spread by the schedule's name so that not everything starts on the hour: 1m, 2m, 3m, 4m, 5m, 6m,
	// 10m, 12m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h and 168h. Any other, such as 90m, counts from the moment
	// when the schedule was created. Write either this or schedule.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$') && self.size() > 0 && duration(self) >= duration('1m') && duration(self) <= duration('8760h')",message="interval: write hours, minutes and seconds, such as 5m, 6h or 36h; at least 1m and at most 8760h (a day is 24h)"
	Interval *metav1.Duration `json:"interval,omitempty"`

	// The time zone of schedule, preferredHour and window, as an IANA name such as Europe/Berlin. UTC if not set.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$') && self != 'Local'",message="timeZone: write an IANA name, such as Europe/Berlin, America/New_York or UTC"
	TimeZone string `json:"timeZone,omitempty"`

	// The hour of the day, 0 to 23, at which an interval that divides the day runs: with 24h daily within that hour, with
	// 6h in that hour and every six hours after it.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=23
	PreferredHour *int32 `json:"preferredHour,omitempty"`

	// How long after its creation the schedule may run first, such as 5m; it staggers starts. None if not set.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$') && self.size() > 0 && duration(self) <= duration('8760h')",message="initialDelay: write hours, minutes and seconds, such as 300s or 5m; at most 8760h"
	InitialDelay *metav1.Duration `json:"initialDelay,omitempty"`

	// If true, no further scheduled run starts. A run that has started continues, and run-now still works.
	// +optional
	// +kubebuilder:default=false
	Suspend bool `json:"suspend"`

	// True plans and reports, and changes nothing.
	// +optional
	// +kubebuilder:default=false
	DryRun bool `json:"dryRun"`

	// Whose pods go first when the cluster is full: Low (after everything else), Normal (like any pod) or High; for that,
	// Low and High need the priority classes that the chart's values name. A High run that finds its database locked by
	// another one, Low or Normal, has that pause and go on after it.
	// +optional
	// +kubebuilder:default=Low
	Priority Priority `json:"priority,omitempty"`

	// How much a run takes at a time: Low (50,000 documents and 5,000 files a second, one cursor), Normal (250,000
	// documents and 25,000 files a second, at most four cursors) or Off. With Low and Normal a run also makes room at once
	// when the database answers later than it usually does. If not set, priority decides: Low for Low, Normal for Normal,
	// Off for High. A change applies to a run under way, too. The annotation maintenance.ucorefs.io/throttle takes the
	// place of this field.
	// +optional
	Throttle Throttle `json:"throttle,omitempty"`

	// How many pods share the reading of a run, 1 to 32; each reads other parts of the largest collections, the first one
	// alone writes and reports. It pays above 100,000,000 records, or where a pod and not the database is the limit. Only
	// the tasks rebuild-all-counts and verify-references can be shared. The throttle is divided among the pods. One if not
	// set.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=32
	Parallelism *int32 `json:"parallelism,omitempty"`

	// Where the first of two looks at the database reads: Primary, or SecondaryPreferred for a secondary of a replica set,
	// where there is one. Only what a second look at the primary confirms is reported or written. SecondaryPreferred is
	// for verify-references, rebuild-all-counts and background-count-verification. Primary if not set.
	// +optional
	ReadPreference ReadPreference `json:"readPreference,omitempty"`

	// Start a run only when nobody uses the library, and pause it when somebody does again. Write {} for the defaults;
	// without this member runs start at once.
	// +optional
	Idle *IdleSpec `json:"idle,omitempty"`

	// The hours in which runs may work. A run that is due outside them is skipped, and one that is under way when they end
	// pauses: what it did stays, and the next run goes on. H and the minute of an interval are chosen so that as many runs
	// as possible are due within the window.
	// +optional
	Window *WindowSpec `json:"window,omitempty"`

	// What to do when a run fails for a reason that may pass, such as a database that is away. A run that was refused, or
	// that is configured wrongly, is never tried again before its next time.
	// +optional
	Retry *RetrySpec `json:"retry,omitempty"`

	// What becomes of a run that could not start at its time, because Kubernetes was down or an earlier run was still
	// under way. RunOnce: it starts late, if less than half the time to the next one has passed, an hour at most, and once
	// however many were missed. Skip: it is left out. Either way status.missedRuns counts those that did not take place.
	// +optional
	// +kubebuilder:default=RunOnce
	MissedRuns MissedRuns `json:"missedRuns,omitempty"`

	// After how many runs in a row that end as Failed, Partial or Refused the schedule stops itself, 1 to 100; never if
	// not set. A stopped schedule is Stalled and says why. A run of run-now that succeeds starts it again, from its next
	// time on. Dry runs neither count nor start it again.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	SuspendAfterFailures *int32 `json:"suspendAfterFailures,omitempty"`

	// How long one run may take, retries and waiting included, such as 1h; then it is stopped and counts as failed. From
	// 1m to 168h.
	// +optional
	// +kubebuilder:default="1h"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$') && self.size() > 0 && duration(self) >= duration('1m') && duration(self) <= duration('168h')",message="activeDeadline: write hours, minutes and seconds, such as 30m or 6h; at least 1m and at most 168h"
	ActiveDeadline *metav1.Duration `json:"activeDeadline,omitempty"`

	// How many past runs status.history keeps, 1 to 50.
	// +optional
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=50
	HistoryLimit *int32 `json:"historyLimit,omitempty"`

	// The guards of tasks that delete. A run whose plan exceeds them is refused whole and deletes nothing.
	// +optional
	Limits *LimitsSpec `json:"limits,omitempty"`

	TaskParameters `json:",inline"`

	// The database. What is not set here comes from the chart's values.
	// +optional
	Database *DatabaseSpec `json:"database,omitempty"`

	// The persistent volume claims that hold the library, the cache, the logs and the index files. A task gets those that
	// it works on. Claims that are set here replace those of the chart's values.
	// +optional
	// +listType=map
	// +listMapKey=mountPath
	// +kubebuilder:validation:MaxItems=16
	Volumes []VolumeSpec `json:"volumes,omitempty"`

	// Resources, node selection and labels of the pods.
	// +optional
	Job *JobSpec `json:"job,omitempty"`
}

// MissedRuns is what becomes of a run that could not start at its time.
// +kubebuilder:validation:Enum=RunOnce;Skip
type MissedRuns string

// The policies for missed runs.
const (
	MissedRunsRunOnce MissedRuns = "RunOnce"
	MissedRunsSkip    MissedRuns = "Skip"
)

// Priority is how a run's pods rank among others.
// +kubebuilder:validation:Enum=Low;Normal;High
type Priority string

// The priorities.
const (
	PriorityLow    Priority = "Low"
	PriorityNormal Priority = "Normal"
	PriorityHigh   Priority = "High"
)

// Throttle is how much a run takes at a time.
// +kubebuilder:validation:Enum=Off;Low;Normal
type Throttle string

// ReadPreference is where a first look at the database reads.
// +kubebuilder:validation:Enum=Primary;SecondaryPreferred
type ReadPreference string

// The read preferences.
const (
	ReadPrimary            ReadPreference = "Primary"
	ReadSecondaryPreferred ReadPreference = "SecondaryPreferred"
)

// The throttles.
const (
	ThrottleOff    Throttle = "Off"
	ThrottleLow    Throttle = "Low"
	ThrottleNormal Throttle = "Normal"
)

// WindowSpec is when runs may work.
// +kubebuilder:validation:XValidation:rule="!has(self.end) || self.start != self.end",message="the window is empty: let window.end be another time than window.start; all day is 00:00 to 24:00"
type WindowSpec struct {
	// When the window opens, as HH:MM in timeZone, such as "22:00".
	// +required
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:XValidation:rule="self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",message="window.start: write HH:MM between 00:00 and 23:59, in quotes, such as \"22:00\""
	Start string `json:"start"`
	// When it closes, as HH:MM in timeZone; a time before start is on the next day. 24:00, the end of the day, if not set:
	// a window that starts at 00:00 then lasts all day.
	// +optional
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:XValidation:rule="self.matches('^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$')",message="window.end: write HH:MM between 00:00 and 24:00, in quotes, such as \"06:00\""
	End string `json:"end,omitempty"`
	// The days on which it opens: Mon, Tue, Wed, Thu, Fri, Sat, Sun. Every day if not set.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=7
	Days []Weekday `json:"days,omitempty"`
}

// Weekday is a day of the week.
// +kubebuilder:validation:Enum=Mon;Tue;Wed;Thu;Fri;Sat;Sun
type Weekday string

// RetrySpec is how often a failed run is tried again.
type RetrySpec struct {
	// How many times a new pod is started, 0 to 10. The pauses are Kubernetes' own: 10s, doubling. Before that the run
	// itself waits for a database that goes away under it, for up to a minute.
	// +optional
	// +kubebuilder:default=2
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	Limit *int32 `json:"limit,omitempty"`
}

// LimitsSpec are the guards of tasks that delete.
type LimitsSpec struct {
	// The largest share, in percent of a root or a collection, that one run may delete.
	// +optional
	// +kubebuilder:default=5
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	MaxDeletePercent *int32 `json:"maxDeletePercent,omitempty"`
	// The largest number of records that one run may delete.
	// +optional
	// +kubebuilder:default=1000
	// +kubebuilder:validation:Minimum=0
	MaxDeletes *int32 `json:"maxDeletes,omitempty"`
	// How long a file must have been missing before its record may be deleted, such as 168h (seven days).
	// +optional
	// +kubebuilder:default="168h"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$') && self.size() > 0",message="limits.gracePeriod: write hours, minutes and seconds, such as 168h"
	GracePeriod *metav1.Duration `json:"gracePeriod,omitempty"`
	// The digest of the one plan that may exceed maxDeletePercent and maxDeletes, as a refused run reports it in
	// status.lastRun.planDigest. Another plan than that one stays refused.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9:_-]+$')",message="limits.allowPlan: copy status.lastRun.planDigest of the refused run"
	AllowPlan string `json:"allowPlan,omitempty"`
}
