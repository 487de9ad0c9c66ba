package backgroundcountverification

import (
	"context"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount/round"
	"ucorefs.io/maintenance/pkg/tasks"
)

// execute corrects the counters, then saves the place. A run that is killed between the two finds them right when it
// counts again.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	var total mongodb.Written
	var late round.Entries
	tried := 0
	for kind, some := range p.drifted {
		write := func(batch []round.Drifted) error {
			if tried > 0 && env.Elapsed() >= p.deadline {
				for _, d := range batch {
					late = append(late, d.Entry)
				}
				return nil
			}
			written, err := w.Update(ctx, p.collections[kind].Name, mongodb.Updates(batch))
			total = total.Plus(written)
			if err == nil {
				tried += len(batch)
			}
			return err
		}
		if err := tasks.InBatches(env, "writing counters", some, tasks.BatchSize, write); err != nil {
			return p.without(late).done(tried, total), err
		}
	}
	p = p.without(late)
	return p.done(tried, total), p.save(ctx, env)
}

// done is what a run did that tried some corrections: the others it leaves to the next run, which reports them.
func (p plan) done(tried int, w mongodb.Written) tasks.Done {
	d := tasks.Done{Counts: p.counts(), Message: p.message(), Verdict: p.verdict()}
	d.Counts["driftFound"], d.Counts["driftFixed"] = int64(tried), w.Modified
	tasks.Add(&d.Warnings, w.Conflicts, "%d documents changed while this ran and are left for the next round")
	return d
}

// save keeps the place; a complete round has none.
func (p plan) save(ctx context.Context, env tasks.Env) error {
	switch {
	case !p.complete:
		return env.Checkpoints.Save(ctx, key(env.Library), p.place)
	case p.saved:
		return env.Checkpoints.Clear(ctx, jobspec.BackgroundCountVerification)
	}
	return nil
}
