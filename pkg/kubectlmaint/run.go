package kubectlmaint

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runnow"
	"ucorefs.io/maintenance/pkg/schedulestatus"
)

// Request is a run that was asked for.
type Request struct {
	Value  string // of the annotation
	Run    string // the run's name
	DryRun bool
}

// NewRequest names the run before there is one, as the controller will.
func NewRequest(ms *v1alpha1.MaintenanceSchedule, now time.Time, dryRun bool) Request {
	value := runnow.Order{Plan: dryRun, Named: true, Token: now.UTC().Format("20060102T150405.000000000Z")}.String()
	return Request{Value: value, Run: cronjob.ManualJobName(ms, value, 0), DryRun: dryRun}
}

// OpenRequest is the request that stands in the annotation and whose run was not made yet, and whether there is one.
func OpenRequest(ms *v1alpha1.MaintenanceSchedule) (Request, bool) {
	value := ms.Annotations[v1alpha1.AnnotationRunNow]
	order := ms.Status.LastOrder
	if value == "" || value == ms.Status.RunNow || order != nil && order.Value == value &&
		order.State != v1alpha1.OrderWaiting {
		return Request{}, false
	}
	parsed, err := runnow.Parse(value)
	return Request{Value: value, Run: cronjob.ManualJobName(ms, value, 0), DryRun: parsed.Plan}, err == nil
}

// Progress is how far a request is: it ended, it cannot be, or it is on its way, in words.
type Progress struct {
	Ended *v1alpha1.RunResult
	Never error // why no run comes of it
	Begun bool  // its run was made
	Word  string
}

// Follow is pure: what a schedule says about a request.
func (r Request) Follow(ms *v1alpha1.MaintenanceSchedule) Progress {
	if ended := r.result(ms.Status); ended != nil {
		return Progress{Ended: ended}
	}
	if ms.Status.RunNow == r.Value {
		return Progress{Begun: true, Word: underWay(ms, r.Run)}
	}
	if ms.Annotations[v1alpha1.AnnotationRunNow] != r.Value {
		return Progress{Never: fmt.Errorf("somebody else asked for a run before this one began, "+
			"and it takes its place: kubectl maint history %s shows it", ms.Name)}
	}
	if err := r.refused(ms); err != nil {
		return Progress{Never: err}
	}
	if err := Stalled(ms); err != nil {
		return Progress{Never: fmt.Errorf("%w; the request stays, and the run begins once that is mended", err)}
	}
	return Progress{Word: notYet(ms)}
}

// refused says why the controller starts nothing for a request that it has seen.
func (r Request) refused(ms *v1alpha1.MaintenanceSchedule) error {
	order := ms.Status.LastOrder
	if order == nil || order.Value != r.Value {
		return nil
	}
	switch order.State {
	case v1alpha1.OrderNoted:
		return fmt.Errorf("the controller saw %s for the first time together with this request, and starts nothing: "+
			"ask again", ms.Name)
	case v1alpha1.OrderRejected:
		return fmt.Errorf("the controller starts nothing: %s", ms.Status.Message)
	}
	return nil
}

// Unseen says why a request would start nothing: the controller takes only what is new since it first saw the schedule.
// It is nil where it has seen it.
func Unseen(ms *v1alpha1.MaintenanceSchedule) error {
	switch {
	case ms.Status.ObservedGeneration <= 0 && ms.Status.LastOrder == nil:
		return fmt.Errorf("%s was not seen by the controller yet, and a request now would start nothing: "+
			"try again in a moment, or see whether the controller looks at this namespace", ms.Name)
	case ms.Status.LastOrder != nil && ms.Status.LastOrder.UID != ms.UID:
		return fmt.Errorf("%s was restored or copied and was not seen by the controller since: try again in a moment",
			ms.Name)
	}
	return nil
}

// seenWithin is how long the controller may take to see a schedule that was just applied.
const seenWithin = 30 * time.Second

// Seen is a schedule once the controller has seen it. If that takes too long, the error is Unseen's.
func (c *Cluster) Seen(ctx context.Context, name string) (*v1alpha1.MaintenanceSchedule, error) {
	late := time.After(seenWithin)
	for {
		ms, err := c.Schedule(ctx, name)
		if err != nil {
			return nil, err
		}
		unseen := Unseen(ms)
		if unseen == nil {
			return ms, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-late:
			return nil, unseen
		case <-time.After(again):
		}
	}
}

// result is the run's, from wherever status has it.
func (r Request) result(status v1alpha1.MaintenanceScheduleStatus) *v1alpha1.RunResult {
	if status.LastRun != nil && status.LastRun.Run == r.Run {
		return status.LastRun
	}
	i := slices.IndexFunc(status.History, func(run v1alpha1.RunSummary) bool { return run.Run == r.Run })
	if i < 0 {
		return nil
	}
	return &v1alpha1.RunResult{RunSummary: status.History[i]}
}

// Stalled says why a schedule would start nothing, whoever asks; nil where it would.
func Stalled(ms *v1alpha1.MaintenanceSchedule) error {
	c := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionStalled)
	switch {
	case c == nil || ms.Status.ObservedGeneration != ms.Generation:
		return nil
	case c.Reason == v1alpha1.ReasonTooManyFailures: // a run by hand is the way out
		return nil
	}
	return &StalledError{Name: ms.Name, Reason: c.Reason, Message: c.Message}
}

// StalledError is about a spec that cannot work.
type StalledError struct{ Name, Reason, Message string }

func (e *StalledError) Error() string {
	return fmt.Sprintf("%s starts nothing while it is stalled (%s): %s", e.Name, e.Reason, e.Message)
}

func underWay(ms *v1alpha1.MaintenanceSchedule, run string) string {
	if c := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionRunBlocked); c != nil {
		return fmt.Sprintf("%s cannot start yet (%s): %s", run, c.Reason, c.Message)
	}
	return run + " is under way"
}

// notYet says what a request waits for.
func notYet(ms *v1alpha1.MaintenanceSchedule) string {
	ready := meta.FindStatusCondition(ms.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready != nil && schedulestatus.IsUnapplied(ready.Reason):
		return ready.Message
	case len(ms.Status.Active) > 0:
		return fmt.Sprintf("waits until the run %s has ended", ms.Status.Active[0].Run)
	}
	return "waits for the controller"
}

// Result is a run as maint-job itself would report it.
func Result(run *v1alpha1.RunResult) report.Result {
	r := report.Result{
		SchemaVersion: report.SchemaVersion, Task: cmp.Or(run.Task, "-"), Run: run.Run,
		Outcome: report.Outcome(run.Outcome), Reason: report.Reason(run.Reason), Message: run.Message, DryRun: run.DryRun,
		Counts: run.Counts, Library: run.Library, PlanDigest: run.PlanDigest, Sample: run.Sample, Warnings: run.Warnings,
	}
	if run.StartedAt != nil {
		r.StartedAt = run.StartedAt.UTC()
	}
	if run.FinishedAt != nil {
		r.FinishedAt = run.FinishedAt.UTC()
	}
	if took, err := time.ParseDuration(run.Duration); err == nil {
		r.DurationSeconds = took.Seconds()
	}
	return r
}

// Permission is what to paste so that a run may carry out this plan although it exceeds the limits; empty where it
// needs none.
func Permission(run *v1alpha1.RunResult) string {
	if !needsApproval(run) {
		return ""
	}
	return fmt.Sprintf("\nTo let runs carry out this very plan, whatever the caps say, "+
		"write into the schedule:\n\n  spec:\n    limits:\n      allowPlan: %s\n", run.PlanDigest)
}
