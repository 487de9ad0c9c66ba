package view

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/schedulestatus"
)

// Row is a schedule in the list.
type Row struct {
	Namespace, Name, Task string

	Condition Condition
	Active    []Active
	When      string  // when it runs, in words and with the zone
	Next      *Moment // nil: no time is known
	NextWord  string  // why there is no next time, where Next is nil
	Last      *Moment // when the last run ended; nil: none did
	Result    string  // how it ended
	Counts    string  // what it counted, in words
	Message   string  // what it said
	Problems  []string
	Strip     []Bar // the last runs, oldest first

	next, last time.Time // to sort by
}

// Active is a run that is under way.
type Active struct {
	Run, Trigger string
	DryRun       bool
	Started      *Moment
	Step         string // the number and the name of the step; empty: the run has not said yet
	Percent      int    // of the step; -1: not known
	Rate, Left   string // empty: not known
	Done         string
}

// Bar is a past run in a strip.
type Bar struct {
	Outcome string
	DryRun  bool
	Took    time.Duration
}

// NewRow is the row of a schedule at a moment.
func NewRow(ms *v1alpha1.MaintenanceSchedule, now time.Time) Row {
	r := Row{Namespace: ms.Namespace, Name: ms.Name, Task: string(ms.Spec.Task), Condition: ConditionOf(ms),
		When: when(ms), Problems: texts(schedulestatus.Problems(ms)), Strip: strip(ms)}
	r.Active = actives(ms, now)
	r.setNext(ms, now)
	if run := ms.Status.LastRun; run != nil {
		r.Result, r.Counts, r.Message = schedulestatus.Result(run.RunSummary), countWords(run.Counts), Text(run.Message)
		if run.FinishedAt != nil {
			r.last = run.FinishedAt.Time
			r.Last = NewMoment(r.last, now, ZoneOf(ms))
		}
	}
	return r
}

func (r *Row) setNext(ms *v1alpha1.MaintenanceSchedule, now time.Time) {
	if at := ms.Status.NextScheduleTime; at != nil {
		r.next = at.Time
		r.Next = NewMoment(at.Time, now, ZoneOf(ms))
		return
	}
	r.NextWord = Text(cmp.Or(ms.Status.NextRun, "not known yet"))
}

func when(ms *v1alpha1.MaintenanceSchedule) string {
	period := ""
	if ms.Spec.Interval != nil {
		period = "every " + ms.Spec.Interval.Duration.String()
	}
	return Text(cmp.Or(ms.Status.Description, ms.Spec.Schedule, period))
}

// ZoneOf is the zone in which the times of a schedule are shown.
func ZoneOf(ms *v1alpha1.MaintenanceSchedule) *time.Location {
	zone, err := time.LoadLocation(cmp.Or(ms.Status.TimeZone, ms.Spec.TimeZone))
	if err != nil { // the status says so
		return time.UTC
	}
	return zone
}

func actives(ms *v1alpha1.MaintenanceSchedule, now time.Time) (all []Active) {
	for _, run := range ms.Status.Active {
		a := Active{Run: Text(run.Run), Trigger: string(run.Trigger), DryRun: run.DryRun || ms.Spec.DryRun, Percent: -1}
		if run.StartedAt != nil {
			a.Started = NewMoment(run.StartedAt.Time, now, ZoneOf(ms))
		}
		if p := run.Progress; p != nil {
			a.Step = Text(p.Name)
			a.Done = Number(p.Done)
			if p.Total > 0 {
				a.Done += " of " + Number(p.Total)
			}
			a.Rate, a.Left = Number(p.PerSecond)+" a second", Text(p.TimeLeft)
			if p.Percent != nil {
				a.Percent = int(min(max(*p.Percent, 0), 100))
			}
		}
		all = append(all, a)
	}
	return all
}

func strip(ms *v1alpha1.MaintenanceSchedule) (bars []Bar) {
	const most = 20
	all := runs(ms)
	for _, run := range slices.Backward(all[:min(len(all), most)]) {
		took, _ := time.ParseDuration(run.Duration) // 0 where nobody knows
		bars = append(bars, Bar{Outcome: run.Outcome, DryRun: run.DryRun, Took: took})
	}
	return bars
}

// countWords are the counts that are not zero, in words.
func countWords(counts map[string]int64) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		if counts[key] != 0 {
			all = append(all, Number(counts[key])+" "+Words(Text(key)))
		}
	}
	if len(all) == 0 && len(counts) > 0 {
		return "nothing: all counts are 0"
	}
	return strings.Join(all, ", ")
}

// Class is what an outcome looks like: the name of its shape.
func Class(outcome string) string {
	switch report.Outcome(outcome) {
	case report.Succeeded:
		return "ok"
	case report.Paused:
		return "paused"
	case report.Skipped:
		return "skipped"
	case report.Refused:
		return "refused"
	case report.Failed, report.Partial:
		return "failed"
	}
	return "unknown"
}
