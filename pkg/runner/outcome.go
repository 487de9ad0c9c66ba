package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/idle"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/lock/folder"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// usageError is a wrong command line, configError a setting that cannot work.
type (
	usageError  struct{ error }
	configError struct{ error }
)

func (e *usageError) Unwrap() error  { return e.error }
func (e *configError) Unwrap() error { return e.error }

// end closes the result: this is the one place where an error becomes an outcome.
func (r *run) end(ctx context.Context, err error) {
	r.result.FinishedAt = r.Now().UTC()
	r.result.DurationSeconds = r.result.FinishedAt.Sub(r.result.StartedAt).Seconds()
	if r.result.Counts == nil {
		r.result.Counts = report.Counts{}
	}
	if err != nil {
		r.result.Outcome, r.result.Reason = outcomeOf(err)
		r.result.Message = sentence(err)
		return
	}
	if r.result.Outcome == "" {
		r.result.Outcome = report.Succeeded
	}
	if r.result.Message == "" {
		r.result.Message = r.success()
	}
}

// sentence is what a person shall read. Of a run that stopped on purpose that is why; what it interrupted does not
// matter.
func sentence(err error) string {
	var preempted *preemptedError
	var returned *idle.ReturnedError
	var window *windowError
	switch {
	case errors.As(err, &preempted):
		return preempted.Error()
	case errors.As(err, &returned):
		return returned.Error()
	case errors.As(err, &window):
		return window.Error()
	}
	return err.Error()
}

// outcomeOf is the outcome and reason that an error means.
func outcomeOf(err error) (report.Outcome, report.Reason) {
	var held *lock.HeldError
	var inUse *folder.HeldError
	var busy *idle.BusyError
	var returned *idle.ReturnedError
	var window *windowError
	var repeated *repeatedError
	var preempted *preemptedError
	switch {
	case errors.As(err, &repeated):
		return report.Skipped, report.ReasonRepeatedTime
	case errors.As(err, &preempted) && !errors.Is(err, ErrInterrupted):
		return report.Paused, report.ReasonPreempted
	case errors.As(err, &returned):
		return report.Paused, report.ReasonNotIdle
	case errors.As(err, &window) && window.closed.IsZero():
		return report.Skipped, report.ReasonWindowClosed
	case errors.As(err, &window):
		return report.Paused, report.ReasonWindowClosed
	case errors.As(err, &held), errors.As(err, &inUse):
		return report.Skipped, report.ReasonLocked
	case errors.As(err, &busy):
		return report.Skipped, report.ReasonNotIdle
	}
	return report.Failed, reasonOf(err)
}

func reasonOf(err error) report.Reason {
	var usage *usageError
	var config *configError
	var uri *connection.URIError
	var certificate *connection.CertificateError
	var unsupported *connection.UnsupportedError
	var task *tasks.Error
	var none *library.NotFoundError
	switch {
	case errors.Is(err, ErrInterrupted):
		return report.ReasonInterrupted
	case errors.Is(err, mongodb.ErrLockLost):
		return report.ReasonLockLost
	case errors.As(err, &usage):
		return report.ReasonUsage
	case errors.As(err, &config), errors.As(err, &uri), errors.As(err, &certificate), errors.As(err, &unsupported):
		return report.ReasonConfiguration
	case errors.As(err, &none):
		return report.ReasonNoLibrary
	case errors.As(err, &task):
		return task.Reason
	case connection.IsAuthentication(err):
		return report.ReasonAuthentication
	case errors.Is(err, errTimedOut):
		return report.ReasonTimedOut
	case connection.MayPass(err):
		return report.ReasonDatabaseUnreachable
	}
	return report.ReasonInternal
}

// interruptedOr is err, unless the run was told to stop: then what failed is only how that showed.
func interruptedOr(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), ErrInterrupted) {
		return fmt.Errorf("%w while connecting", ErrInterrupted)
	}
	return err
}

// applyVerdict takes over what the task decided itself.
func (r *run) applyVerdict(v *tasks.Verdict) {
	if v != nil {
		r.result.Outcome, r.result.Reason, r.result.Message = v.Outcome, v.Reason, v.Message
	}
}

// nameRefusals says which writes the server refused for what they do to one document. The others were done.
func (r *run) nameRefusals() {
	if r.writer == nil {
		return
	}
	refused := r.writer.TakeRefusals()
	if refused.Writes == 0 {
		return
	}
	for _, one := range refused.Sample {
		r.result.Warnings = append(r.result.Warnings, "the server refused to change "+one)
	}
	if r.result.Outcome == "" || r.result.Outcome == report.Succeeded {
		r.result.Outcome, r.result.Reason = report.Partial, report.ReasonServerRefused
		r.result.Message = fmt.Sprintf("the server refused %d writes, which the warnings name; everything else was done",
			refused.Writes)
	}
}

// success is the sentence of a run whose task said nothing of its own: the counts that are not 0.
func (r *run) success() string {
	var counted []string
	for _, key := range slices.Sorted(maps.Keys(r.result.Counts)) {
		if n := r.result.Counts[key]; n != 0 {
			counted = append(counted, fmt.Sprintf("%s %d", key, n))
		}
	}
	switch {
	case len(counted) == 0:
		return "nothing to do"
	case r.o.DryRun:
		return "planned, and nothing was changed: " + strings.Join(counted, ", ")
	}
	return "done: " + strings.Join(counted, ", ")
}

// Refuse is the result of a run that could not begin, since its arguments or its environment are wrong. Of the world it
// needs the clock and Random, which name the run as they name one that begins.
func Refuse(o jobspec.Options, w World, reason report.Reason, err error) report.Result {
	r := begin(o, w)
	r.FinishedAt, r.Outcome, r.Reason, r.Message = r.StartedAt, report.Failed, reason, err.Error()
	return r
}
