package view

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
	"ucorefs.io/maintenance/pkg/schedulestatus"
)

// Detail is one schedule with all that its status holds.
type Detail struct {
	Row
	Runs       []Run // that ended, latest first
	Missed     []Missed
	LastMissed *Moment
	MissedWhy  string
	Upcoming   []*Moment
	Calendar   *Calendar
	Approval   *Approval // the plan that waits for somebody's word; nil: none
	Suspended  bool
	YAML       string
}

// Run is a run that ended.
type Run struct {
	Name, Trigger, Result, Class, Message, Duration string

	Took      time.Duration
	Started   *Moment
	Attempts  int32
	Counts    []Count
	Warnings  []string // of the last run only: the status keeps no others
	MoreWarns int32    // warnings that the status does not hold
	Sample    []string // of the last run only
	Digest    string   // of the last run only
	DryRun    bool
	// NoRestore says why nothing of the run could be put back; empty where something may.
	NoRestore string
}

// Count is a figure of a run.
type Count struct {
	Key, Name, Number string
	Value             int64
}

// Missed is how many runs did not take place for a reason.
type Missed struct {
	Reason, Words string
	Count         int64
}

// Approval is a refused plan that somebody may allow.
type Approval struct {
	Run, Digest, Message string
	Counts               []Count
	Sample               []string
}

// NewDetail is the schedule at a moment.
func NewDetail(ms *v1alpha1.MaintenanceSchedule, now time.Time) Detail {
	d := Detail{Row: NewRow(ms, now), Missed: missed(ms), Calendar: NewCalendar(ms, now), Suspended: ms.Spec.Suspend,
		YAML: asYAML(ms)}
	for i := range runs(ms) {
		d.Runs = append(d.Runs, newRun(ms, runs(ms)[i], now))
	}
	for _, at := range ms.Status.NextScheduleTimes {
		d.Upcoming = append(d.Upcoming, NewMoment(at.Time, now, ZoneOf(ms)))
	}
	if last := ms.Status.LastMissed; last != nil {
		d.LastMissed, d.MissedWhy = NewMoment(last.Time.Time, now, ZoneOf(ms)), Text(cmp.Or(last.Message, last.Reason))
	}
	if refused, err := kubectlmaint.Refused(ms, ""); err == nil {
		d.Approval = &Approval{Run: Text(refused.Run), Digest: refused.PlanDigest, Message: Text(refused.Message),
			Counts: counts(refused.Counts), Sample: texts(refused.Sample)}
	}
	return d
}

func newRun(ms *v1alpha1.MaintenanceSchedule, run v1alpha1.RunSummary, now time.Time) Run {
	r := Run{Name: run.Run, Trigger: string(run.Trigger), Result: Text(schedulestatus.Result(run)),
		Class:   Class(run.Outcome),
		Message: Text(run.Message), Duration: Text(run.Duration), Attempts: run.Attempts, Counts: counts(run.Counts),
		DryRun:    run.DryRun,
		MoreWarns: run.WarningCount}
	r.Took, _ = time.ParseDuration(run.Duration) // 0 where nobody knows
	if run.StartedAt != nil {
		r.Started = NewMoment(run.StartedAt.Time, now, ZoneOf(ms))
	}
	if last := ms.Status.LastRun; last != nil && last.Run == run.Run {
		r.Warnings, r.Sample, r.Digest = texts(last.Warnings), texts(last.Sample), Text(last.PlanDigest)
		r.MoreWarns -= int32(len(last.Warnings))
	}
	if err := kubectlmaint.NothingToRestore(ms, run.Run); err != nil {
		r.NoRestore = Text(err.Error())
	}
	return r
}

func counts(all map[string]int64) (out []Count) {
	for _, key := range slices.Sorted(maps.Keys(all)) {
		out = append(out, Count{Key: key, Name: Words(Text(key)), Number: Number(all[key]), Value: all[key]})
	}
	return out
}

// missedWords say what the reasons mean.
var missedWords = map[string]string{
	v1alpha1.MissedOverlap:      "an earlier run was still under way",
	v1alpha1.MissedNoJob:        "no Job was made in time",
	v1alpha1.MissedUnknown:      "the controller was away, and whether they took place is unknown",
	v1alpha1.MissedSuspended:    "the schedule was suspended or stalled, or had stopped itself",
	v1alpha1.MissedWindowClosed: "they were due outside the window",
	v1alpha1.MissedNotIdle:      "the library was in use",
	v1alpha1.MissedLocked:       "another run worked on the same",
	v1alpha1.MissedRefused:      "the run refused to change anything",
}

func missed(ms *v1alpha1.MaintenanceSchedule) (all []Missed) {
	for _, reason := range slices.Sorted(maps.Keys(ms.Status.MissedRuns)) {
		all = append(all, Missed{Reason: Text(reason), Words: missedWords[reason], Count: ms.Status.MissedRuns[reason]})
	}
	return all
}

// asYAML is the resource without what only the API server needs.
func asYAML(ms *v1alpha1.MaintenanceSchedule) string {
	shown := ms.DeepCopy()
	shown.ManagedFields = nil
	delete(shown.Annotations, "kubectl.kubernetes.io/last-applied-configuration")
	text, err := yaml.Marshal(shown)
	if err != nil {
		return "# " + err.Error()
	}
	return Redacted(string(text))
}
