package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/idle"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
)

// StepIdle is the progress of a run that waits at the idle gate.
const StepIdle = "waiting until the library is idle"

func (r *run) gate() idle.Gate {
	return idle.Gate{Threshold: r.o.IdleThreshold, MaxWait: r.o.MaxIdleWait}
}

// waitUntilIdle is the idle gate; a run passes it once. A library in which nothing keeps a heartbeat and that nobody
// probes counts as idle, and the result says so.
func (r *run) waitUntilIdle(ctx context.Context) error {
	sources := r.sources(r.warnOnce)
	switch {
	case !r.o.RunOnIdleOnly, r.idle:
		return nil
	case len(sources) == 0:
		r.warn("only a task with a database can tell by itself whether the library is idle, and no probe is named: the run " +
			"began without waiting for that")
		r.idle = true
		return nil
	}
	defer r.Progress.Done()
	known, err := r.gate().Wait(ctx, sources, r.Now, r.waitsUntilIdle)
	var busy *idle.BusyError
	switch {
	case errors.As(err, &busy) && r.o.IdleOnTimeout == jobspec.IdleRun:
		r.warn(busy.Error() + "; it began all the same, as --idle-on-timeout says")
		err = nil
	case err == nil && !known:
		r.warn("no collection tells when the library was last used (" + strings.Join(r.signNames(), ", ") +
			"): the run began without waiting for it to be idle")
	}
	r.idle = err == nil
	return r.because(ctx, err)
}

// signNames are the collections whose documents tell whether the library is in use.
func (r *run) signNames() (names []string) {
	for _, sign := range r.Library.Busy {
		names = append(names, sign.Collection)
	}
	return names
}

// waitsUntilIdle shows that the run waits: as a step, which the schedule's status tells, and in the log.
func (r *run) waitsUntilIdle(why string) {
	r.Progress.Start(StepIdle, 0)
	r.Log.Info(StepIdle, "why", why, "atMost", r.o.MaxIdleWait.String())
}

func (r *run) warn(warning string) { r.result.Warnings = append(r.result.Warnings, warning) }

// stayIdle ends the context that it gives when the library is in use again, unless the run would have begun in that
// case, too.
func (r *run) stayIdle(ctx context.Context) (context.Context, func()) {
	sources := r.sources(func(odd string) { r.Log.Warn(odd) }) // the result is not this goroutine's
	if !r.o.RunOnIdleOnly || r.o.IdleOnTimeout == jobspec.IdleRun || len(sources) == 0 {
		return ctx, func() {}
	}
	watched, stop := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := r.gate().Watch(watched, sources, r.Now); err != nil {
			stop(err)
		}
	}()
	return watched, func() {
		stop(nil)
		<-ended
	}
}

// sources are all that can tell whether somebody uses the library. They are made anew for each wait and each watch, so
// that none counts what another run did in between.
func (r *run) sources(warn func(string)) (sources []idle.Source) {
	if r.db != nil {
		sources = append(sources, r.signsOfUse(warn))
	}
	if r.db != nil && r.o.IdleMaxDatabaseOps >= 0 {
		sources = append(sources, activity(admin.NewMeter(r.db.Reader()), r.o.IdleMaxDatabaseOps))
	}
	if r.o.IdleHTTPURL != "" {
		sources = append(sources, idle.HTTP(r.o.IdleHTTPURL))
	}
	if r.o.IdlePrometheusURL != "" {
		sources = append(sources, idle.Prometheus(r.o.IdlePrometheusURL, r.o.IdlePrometheusQuery, r.o.IdlePrometheusMax))
	}
	return sources
}

// activity is what other clients do to the database.
func activity(meter *admin.Meter, limit int) idle.Source {
	return func(ctx context.Context, _ time.Time) (idle.Signal, error) {
		rate, err := meter.Rate(ctx)
		var uncountable *admin.UncountableError
		switch {
		case errors.As(err, &uncountable):
			return idle.Signal{Known: true, Broken: true, Busy: uncountable.Error()}, nil
		case err != nil:
			return idle.Signal{}, err
		case rate > float64(limit):
			return idle.Signal{Known: true,
				Busy: fmt.Sprintf("other clients of the database do %.1f operations a second, more than %d", rate, limit)}, nil
		}
		return idle.Signal{Known: true}, nil
	}
}
