package kubectlmaint

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/schedulestatus"
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
	t := table{columns: []column{{"NAME", true}, {"READY", false}, {"TASK", false}, {"NEXT RUN", false},
		{"LAST RUN", false}, {"RESULT", false}}}
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
	r := row{below: append(l.underWay(ms), schedulestatus.Problems(ms)...)}
	if l.Namespaces {
		r.cells = []string{ms.Namespace}
	}
	last, result := "never", "-"
	if run := ms.Status.LastRun; run != nil {
		last, result = l.ago(run.FinishedAt), schedulestatus.Outcome(run.RunSummary)
		if l.Wide && run.Message != "" && schedulestatus.Failure(ms) == nil {
			r.below = append(r.below, "last run: "+run.Message)
		}
		r.below = append(r.below, warnings(run.Warnings)...)
	}
	if len(ms.Status.Active) > 0 {
		last = "under way"
		result = resultUnderWay(ms.Status.Active, result)
	}
	r.cells = append(r.cells, ms.Name, schedulestatus.Ready(ms), string(ms.Spec.Task), cmp.Or(ms.Status.NextRun, "-"),
		last, result)
	if l.Wide {
		r.cells = append(r.cells, cmp.Or(ms.Status.Schedule, ms.Spec.Schedule, "-"))
	}
	return r
}

// underWay says how far each run is.
func (l Listing) underWay(ms *v1alpha1.MaintenanceSchedule) (lines []string) {
	for _, run := range ms.Status.Active {
		line := "under way: " + run.Run
		if run.StartedAt != nil {
			line += ", started " + l.ago(run.StartedAt)
		}
		lines = append(lines, line+schedulestatus.Progress(run.Progress))
	}
	return lines
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

// dryRun is never broken.
const dryRun = schedulestatus.DryRun

// resultUnderWay is what to show as the result while runs are under way: that one is a dry run, else the last result.
func resultUnderWay(active []v1alpha1.ActiveRun, last string) string {
	if slices.ContainsFunc(active, func(run v1alpha1.ActiveRun) bool { return run.DryRun }) {
		return "(dry run)"
	}
	return last
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
		r := row{cells: []string{run.Run, string(run.Trigger), started, cmp.Or(run.Duration, "-"),
			schedulestatus.Result(run)}}
		if wide && run.Message != "" {
			r.below = append(r.below, run.Message)
		}
		if run.WarningCount > 0 {
			r.below = append(r.below, fmt.Sprintf("warnings: %d", run.WarningCount))
		}
		if text := schedulestatus.Figures(run.Counts); text != "" {
			r.below = append(r.below, text)
		}
		t.rows = append(t.rows, r)
	}
	return t.write(out, Listing{Wide: wide}.width())
}
