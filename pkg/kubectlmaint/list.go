package kubectlmaint

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Listing is how schedules are listed.
type Listing struct {
	Namespaces bool // a column names them
	Wide       bool // nothing is cut, and the last result is told too
	Now        time.Time
}

// WriteList prints a line for each schedule, and below it, in sentences, what keeps it from running well.
func WriteList(out io.Writer, schedules []v1alpha1.MaintenanceSchedule, l Listing) error {
	return l.table(schedules).write(out, l.width())
}

func (l Listing) table(schedules []v1alpha1.MaintenanceSchedule) table {
	t := table{columns: []column{{"NAME", true}, {"READY", false}, {"TASK", false}, {"NEXT RUN", false}, {"LAST RUN", false}, {"RESULT", false}}}
	if l.Wide {
		t.columns = append(t.columns, column{"SCHEDULE", false})
	}
	if l.Namespaces {
		t.columns = slices.Insert(t.columns, 0, column{"NAMESPACE", true})
	}
	for i := range schedules {
		t.rows = append(t.rows, l.row(&schedules[i]))
	}
	return t
}

func (l Listing) width() int {
	if l.Wide {
		return 0
	}
	return Width
}

func (l Listing) row(ms *v1alpha1.MaintenanceSchedule) row {
	r := row{below: append(l.underWay(ms), whyNot(ms)...)}
	if l.Namespaces {
		r.cells = []string{ms.Namespace}
	}
	last, result := "never", "-"
	if run := ms.Status.LastRun; run != nil {
		last, result = l.ago(run.FinishedAt), outcomeWord(run.RunSummary)
		if l.Wide && run.Message != "" && failure(ms) == nil {
			r.below = append(r.below, "last run: "+run.Message)
		}
		r.below = append(r.below, warnings(run.Warnings)...)
	}
	if len(ms.Status.Active) > 0 {
		last = "under way"
		result = resultUnderWay(ms.Status.Active, result)
	}
	r.cells = append(r.cells, ms.Name, ready(ms), string(ms.Spec.Task), cmp.Or(ms.Status.NextRun, "-"), last, result)
	if l.Wide {
		r.cells = append(r.cells, cmp.Or(ms.Status.Schedule, ms.Spec.Schedule, "-"))
	}
	return r
}

// ready is the status of the condition Ready, where it is about the present spec.
func ready(ms *v1alpha1.MaintenanceSchedule) string {
	c := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionReady)
	if c == nil || ms.Status.ObservedGeneration != ms.Generation {
		return "-"
	}
	return string(c.Status)
}

// underWay says how far each run is.
func (l Listing) underWay(ms *v1alpha1.MaintenanceSchedule) (lines []string) {
	for _, run := range ms.Status.Active {
		line := "under way: " + run.Run
		if run.StartedAt != nil {
			line += ", started " + l.ago(run.StartedAt)
		}
		lines = append(lines, line+progressWords(run.Progress))
	}
	return lines
}

func progressWords(p *v1alpha1.RunProgress) string {
	if p == nil {
		return ""
	}
	words := fmt.Sprintf(", step %d, %s", p.Step, p.Name)
	if p.Percent != nil {
		words += fmt.Sprintf(", %d%%", *p.Percent)
	}
	if p.TimeLeft != "" {
		words += fmt.Sprintf(", %s left", p.TimeLeft)
	}
	return words
}

// shownWarnings is how many warnings of a run a list holds.
const shownWarnings = 2

// warnings are the first of a run's, one line each.
func warnings(all []string) (lines []string) {
	for _, warning := range all[:min(len(all), shownWarnings)] {
		lines = append(lines, "warning: "+warning)
	}
	if more := len(all) - shownWarnings; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more warnings: status.lastRun.warnings has them", more))
	}
	return lines
}

func (l Listing) ago(at *metav1.Time) string {
	if at == nil {
		return "-"
	}
	return duration.HumanDuration(max(l.Now.Sub(at.Time), 0)) + " ago" // another clock may be ahead
}

// dryRun marks the result of a dry run; it is never broken.
const dryRun = "(dry run)"

// outcomeWord is an outcome, and whether it is that of a dry run.
func outcomeWord(run v1alpha1.RunSummary) string {
	if run.DryRun {
		return run.Outcome + " " + dryRun
	}
	return run.Outcome
}

// resultWord is an outcome with its reason.
func resultWord(run v1alpha1.RunSummary) string {
	if run.Reason != "" {
		run.Outcome += "/" + run.Reason
	}
	return outcomeWord(run)
}

// resultUnderWay is what to show as the result while runs are under way: that one is a dry run, else the last result.
func resultUnderWay(active []v1alpha1.ActiveRun, last string) string {
	if slices.ContainsFunc(active, func(run v1alpha1.ActiveRun) bool { return run.DryRun }) {
		return "(dry run)"
	}
	return last
}

// whyNot is what keeps a schedule from running, or from running well, gravest first.
func whyNot(ms *v1alpha1.MaintenanceSchedule) (why []string) {
	if ms.Status.ObservedGeneration != ms.Generation {
		why = append(why, "not seen by the controller yet: does it run, and does it look at this namespace?")
	}
	for _, kind := range []string{v1alpha1.ConditionStalled, v1alpha1.ConditionRunBlocked, v1alpha1.ConditionOverdue} {
		if c := meta.FindStatusCondition(ms.Status.Conditions, kind); c != nil && c.Status == metav1.ConditionTrue {
			why = append(why, fmt.Sprintf("%s, %s: %s", kind, c.Reason, c.Message))
		}
	}
	if c := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionReady); c != nil && isUnapplied(c.Reason) {
		why = append(why, fmt.Sprintf("not ready, %s: %s", c.Reason, c.Message))
	}
	if ms.Spec.Suspend {
		why = append(why, "Suspended: "+cmp.Or(ms.Annotations[v1alpha1.AnnotationSuspendReason], "nobody said why; kubectl maint resume "+ms.Name+" starts it again"))
	}
	return append(why, failure(ms)...)
}

// isUnapplied tells whether the reason of Ready says that the API server did not take the CronJob or a Job.
func isUnapplied(reason string) bool {
	return reason == v1alpha1.ReasonApplyFailed || reason == v1alpha1.ReasonRunNotMade
}

// failure is what the last run said, if it did not end well.
func failure(ms *v1alpha1.MaintenanceSchedule) []string {
	c := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionLastRunSucceeded)
	if c == nil || c.Status != metav1.ConditionFalse {
		return nil
	}
	if c.Reason == v1alpha1.ReasonRunFailed {
		return []string{c.Message}
	}
	return []string{c.Reason + ": " + c.Message}
}

// historyColumns are those of WriteHistory.
var historyColumns = []column{{"RUN", true}, {"TRIGGER", false}, {"STARTED", false}, {"TOOK", false}, {"RESULT", false}}

// WriteHistory prints a line for each run, latest first, with its figures below.
func WriteHistory(out io.Writer, history []v1alpha1.RunSummary, wide bool) error {
	t := table{columns: historyColumns}
	for _, run := range history {
		started := "-"
		if run.StartedAt != nil {
			started = run.StartedAt.UTC().Format("2006-01-02 15:04 MST")
		}
		r := row{cells: []string{run.Run, string(run.Trigger), started, cmp.Or(run.Duration, "-"), resultWord(run)}}
		if wide && run.Message != "" {
			r.below = append(r.below, run.Message)
		}
		if run.WarningCount > 0 {
			r.below = append(r.below, fmt.Sprintf("warnings: %d", run.WarningCount))
		}
		if text := figures(run.Counts); text != "" {
			r.below = append(r.below, text)
		}
		t.rows = append(t.rows, r)
	}
	return t.write(out, Listing{Wide: wide}.width())
}

// figures are the counts that are not zero.
func figures(counts map[string]int64) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		if counts[key] != 0 {
			all = append(all, fmt.Sprintf("%s=%d", key, counts[key]))
		}
	}
	return strings.Join(all, " ")
}
