package backgroundcountverification

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// batch is how many documents are written between two looks at the budget.
const batch = 500

// execute corrects the counters, then saves the place. A run that is killed between the two finds them right when it
// counts again.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	env.Progress.Start("writing counters", int64(p.found))
	defer env.Progress.Done()
	budget := budgetSince(env, p.began)
	var total mongodb.Written
	var late []entry
	tried := 0
	for kind, changes := range p.changes {
		for some := range slices.Chunk(changes, batch) {
			if tried > 0 && budget.spent() {
				late = append(late, entriesOf(some)...)
				continue
			}
			written, err := w.Update(ctx, p.collections[kind].Name, updatesOf(some))
			total.Modified, total.Conflicts = total.Modified+written.Modified, total.Conflicts+written.Conflicts
			if err != nil {
				return p.done(p.endWith(late), tried, total), err
			}
			tried += len(some)
			env.Progress.Add(int64(len(some)))
		}
	}
	e := p.endWith(late)
	return p.done(e, tried, total), p.save(ctx, env, e)
}

func updatesOf(changes []compared) []mongodb.Update {
	updates := make([]mongodb.Update, len(changes))
	for i, c := range changes {
		updates[i] = c.document.Update()
	}
	return updates
}

func entriesOf(changes []compared) (entries []entry) {
	for _, c := range changes {
		entries = append(entries, c.entry)
	}
	return entries
}

// done is what a run did that tried some corrections: the others it leaves to the next run, which reports them.
func (p plan) done(e end, tried int, w mongodb.Written) tasks.Done {
	d := tasks.Done{Counts: p.counts(e), Message: p.message(e), Verdict: p.verdict(e)}
	d.Counts["driftFound"], d.Counts["driftFixed"] = int64(tried), w.Modified
	if w.Conflicts > 0 {
		warning := fmt.Sprintf("%d documents changed while this ran and are left for the next round", w.Conflicts)
		d.Warnings = append(d.Warnings, warning)
	}
	return d
}

// save keeps the place; a complete round has none.
func (p plan) save(ctx context.Context, env tasks.Env, e end) error {
	switch {
	case !e.complete:
		return env.Checkpoints.Save(ctx, key(env.Library), e.place)
	case p.saved:
		return env.Checkpoints.Clear(ctx, jobspec.BackgroundCountVerification)
	}
	return nil
}
