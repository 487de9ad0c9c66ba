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
	Result    string  // how it ended, where the condition does not say it already
	Counts    string  // what it counted, in words
	Message   string  // what it said, where the condition does not say it already
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
	Slowed       string // why it takes fewer than its throttle allows; empty: nothing slows it
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
	return newRow(ms, now, ZoneOf(ms))
}

func newRow(ms *v1alpha1.MaintenanceSchedule, now time.Time, zone *time.Location) Row {
	r := Row{Namespace: ms.Namespace, Name: ms.Name, Task: string(ms.Spec.Task), Condition: ConditionOf(ms),
		When: when(ms), Problems: texts(schedulestatus.Problems(ms)), Strip: strip(ms)}
	r.Active = actives(ms, now, zone)
	r.setNext(ms, now, zone)
	if run := ms.Status.LastRun; run != nil {
		r.Result, r.Counts, r.Message = schedulestatus.Result(run.RunSummary), countWords(run.Counts), Text(run.Message)
		if strings.Contains(r.Condition.Detail, r.Message) {
			r.Message = ""
		}
		if r.Condition.State == OK && r.Result == string(report.Succeeded) {
			r.Result = ""
		}
		if run.FinishedAt != nil {
			r.last = run.FinishedAt.Time
			r.Last = NewMoment(r.last, now, zone)
		}
	}
	return r
}

func (r *Row) setNext(ms *v1alpha1.MaintenanceSchedule, now time.Time, zone *time.Location) {
	if at := ms.Status.NextScheduleTime; at != nil {
		r.next = at.Time
		r.Next = NewMoment(at.Time, now, zone)
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
func ZoneOf(ms *v1alpha1.MaintenanceSchedule) *time.Location { return zones{}.of(ms) }

// zones remembers zones by their names: each is a file to read, and a thousand schedules have few.
type zones map[string]*time.Location

func (z zones) of(ms *v1alpha1.MaintenanceSchedule) *time.Location {
	name := cmp.Or(ms.Status.TimeZone, ms.Spec.TimeZone)
	if zone, known := z[name]; known {
		return zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil { // the status says so
		zone = time.UTC
	}
	z[name] = zone
	return zone
}

func actives(ms *v1alpha1.MaintenanceSchedule, now time.Time, zone *time.Location) (all []Active) {
	for _, run := range ms.Status.Active {
		a := Active{Run: Text(run.Run), Trigger: string(run.Trigger), DryRun: run.DryRun || ms.Spec.DryRun, Percent: -1}
		if run.StartedAt != nil {
			a.Started = NewMoment(run.StartedAt.Time, now, zone)
		}
		if p := run.Progress; p != nil {
			a.Step = Text(p.Name)
			a.Done = Number(p.Done)
			if p.Total > 0 {
				a.Done += " of " + Number(p.Total)
			}
			a.Rate, a.Left, a.Slowed = rate(p), Text(p.TimeLeft), Text(p.SlowedBy)
			if p.Percent != nil {
				a.Percent = int(min(max(*p.Percent, 0), 100))
			}
		}
		all = append(all, a)
	}
	return all
}

// rate is how fast a run goes, and how fast it may go.
func rate(p *v1alpha1.RunProgress) string {
	words := Number(p.PerSecond) + " a second"
	if p.MaxPerSecond > 0 {
		words += " of at most " + Number(p.MaxPerSecond)
	}
	if p.Throttle != "" {
		words += " (throttle " + Text(string(p.Throttle)) + ")"
	}
	return words
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
			all = append(all, counted(key, counts[key]))
		}
	}
	if len(all) == 0 && len(counts) > 0 {
		return "nothing: all counts are 0"
	}
	return strings.Join(all, ", ")
}

// counted is one count in words, such as "3 files deleted" or "1.2 GiB freed".
func counted(key string, n int64) string {
	if rest, ok := strings.CutPrefix(key, "bytes"); ok && rest != "" {
		return size(n) + " " + Words(Text(rest))
	}
	return Number(n) + " " + Words(Text(key))
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
