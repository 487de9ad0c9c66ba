package runner

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/sharing"
)

// newTeam is the processes of this run, as this one of them sees it.
func (r *run) newTeam() *sharing.Team {
	return &sharing.Team{
		DB: r.db.Reader(), Run: r.result.Run, Task: r.task.Name, Index: r.o.Index, Size: r.o.Parallelism,
		Name: fmt.Sprintf("%s-%s", r.Host, bson.NewObjectID().Hex()), Log: r.Log, ClaimFor: r.ClaimFor, Poll: r.Poll,
	}
}

// lead is a run that other processes help with. A dry run writes nothing, so that nobody can help with it.
func (r *run) lead(ctx context.Context) error {
	if r.o.DryRun {
		return r.turns(ctx)
	}
	r.team = r.newTeam()
	if err := r.team.Begin(ctx); err != nil {
		return r.because(ctx, err)
	}
	err := r.turns(ctx)
	if !goesOn(err) {
		r.endTeam(ctx)
	}
	return err
}

// goesOn tells whether another process may take the run up where this one left it.
func goesOn(err error) bool {
	if err == nil {
		return false
	}
	outcome, reason := outcomeOf(err)
	switch (report.Result{Outcome: outcome, Reason: reason}).ExitCode() {
	case jobspec.ExitTemporary, jobspec.ExitInternal:
		return true
	}
	return false
}

// endTeam works also when the run's own context has ended.
func (r *run) endTeam(ctx context.Context) {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := r.team.End(ending); err != nil {
		r.Log.Warn("what the processes of this run shared was not removed; a later run does it", "error", err)
	}
}

// help reads for the process that leads. It takes no lock, and writes nothing but what it tells that process.
func (r *run) help(ctx context.Context) error {
	if r.o.DryRun {
		r.result.Message = "a dry run is planned by one process: there was nothing to help with"
		return nil
	}
	r.team = r.newTeam()
	var sum sharing.Helped
	pause := firstPause
	for n := 1; ; n++ {
		helped, err := r.task.Help(ctx, r.env())
		sum = sharing.Helped{Ranges: sum.Ranges + helped.Ranges, Documents: sum.Documents + helped.Documents}
		r.result.Message = fmt.Sprintf("helped process 0 of this run: read %d documents in %d ranges", sum.Documents,
			sum.Ranges)
		if err == nil || n == maxAttempts || ctx.Err() != nil || !connection.MayPass(err) {
			return r.because(ctx, err)
		}
		r.Log.Warn("the database went away; trying again", "attempt", n, "pause", pause, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}
