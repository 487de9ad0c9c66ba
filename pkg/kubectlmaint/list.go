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
	t := table{columns: []column{{"NAME", 20}, {"TASK", 12}, {"SCHEDULE", 12}, {"NEXT RUN", 0}, {"LAST RUN", 0}, {"DRY RUN", 0}, {"RESULT", 12}}}
	if l.Namespaces {
		t.columns = slices.Insert(t.columns, 0, column{"NAMESPACE", 12})
	}
	for i := range schedules {
		t.rows = append(t.rows, l.row(&schedules[i]))
	}
	return t.write(out, l.width())
}

func (l Listing) width() int {
	if l.Wide {
		return 0
	}
	return Width
}

func (l Listing) row(ms *v1alpha1.MaintenanceSchedule) row {
	r := row{below: whyNot(ms)}
	if l.Namespaces {
		r.cells = []string{ms.Namespace}
	}
	last, dry, result := "never", "-", "-"
	if run := ms.Status.LastRun; run != nil {
		last, dry, result = l.ago(run.FinishedAt), yesNo(run.DryRun), resultWord(run.RunSummary)
		if l.Wide && run.Message != "" && failure(ms) == nil {
			r.below = append(r.below, "last run: "+run.Message)
		}
	}
	if active := ms.Status.Active; len(active) > 0 {
		last = "under way"
		dry = yesNo(active[0].DryRun)
	}
	r.cells = append(r.cells, ms.Name, string(ms.Spec.Task), cmp.Or(ms.Status.Schedule, ms.Spec.Schedule, "-"), cmp.Or(ms.Status.NextRun, "-"), last, dry, result)
	return r
}

func (l Listing) ago(at *metav1.Time) string {
	if at == nil {
		return "-"
	}
	return duration.HumanDuration(l.Now.Sub(at.Time)) + " ago"
}

// resultWord is an outcome with its reason.
func resultWord(run v1alpha1.RunSummary) string {
	word := run.Outcome
	if run.Reason != "" {
		word += "/" + run.Reason
	}
	return word
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
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
	return []string{c.Message}
}

// historyColumns are those of WriteHistory.
var historyColumns = []column{{"RUN", 24}, {"TRIGGER", 0}, {"STARTED", 0}, {"TOOK", 0}, {"OUTCOME", 0}, {"REASON", 8}}

// WriteHistory prints a line for each run, latest first, with its figures below.
func WriteHistory(out io.Writer, history []v1alpha1.RunSummary, wide bool) error {
	t := table{columns: historyColumns}
	for _, run := range history {
		started, outcome := "-", run.Outcome
		if run.StartedAt != nil {
			started = run.StartedAt.UTC().Format("2006-01-02 15:04 MST")
		}
		if run.DryRun {
			outcome += " (dry run)"
		}
		r := row{cells: []string{run.Run, string(run.Trigger), started, cmp.Or(run.Duration, "-"), outcome, cmp.Or(run.Reason, "-")}}
		if wide && run.Message != "" {
			r.below = append(r.below, run.Message)
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
