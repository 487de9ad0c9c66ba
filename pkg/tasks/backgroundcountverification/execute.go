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

// execute corrects the counters, then saves the place. A run that is killed between the two finds them right when it counts
// again.
func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, f facts) (tasks.Done, error) {
	env.Progress.Start("writing counters", int64(f.found()))
	defer env.Progress.Done()
	var total mongodb.Written
	var late []entry
	tried := 0
	for kind, changes := range f.changes {
		for some := range slices.Chunk(changes, batch) {
			if tried > 0 && f.budget.spent() {
				late = append(late, entriesOf(some)...)
				continue
			}
			written, err := write(ctx, w, f, kind, some)
			total.Modified, total.Changed = total.Modified+written.Modified, total.Changed+written.Changed
			if err != nil {
				return f.done(tried, total), err
			}
			tried += len(some)
			env.Progress.Add(int64(len(some)))
		}
	}
	if len(late) > 0 {
		f.complete, f.spent, f.next, f.coverage = false, true, f.ended.packed(late), f.ended.coverage(0)
	}
	return f.done(tried, total), f.save(ctx, env)
}

func write(ctx context.Context, w *mongodb.Writer, f facts, kind int, some []change) (mongodb.Written, error) {
	updates := make([]mongodb.Update, len(some))
	for i, c := range some {
		updates[i] = f.kinds[kind].Update(c.document)
	}
	return w.Update(ctx, f.kinds[kind].Collection, updates)
}

func entriesOf(changes []change) (entries []entry) {
	for _, c := range changes {
		entries = append(entries, c.entry)
	}
	return entries
}

// done is what a run did that tried some corrections: the others it leaves to the next run, which reports them.
func (f facts) done(tried int, w mongodb.Written) tasks.Done {
	d := tasks.Done{Counts: f.counts(), Message: f.message(), Verdict: f.verdict()}
	d.Counts["driftFound"], d.Counts["driftFixed"] = int64(tried), w.Modified
	if w.Changed > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("%d documents changed while this ran and are left for the next round", w.Changed))
	}
	return d
}

// save keeps the place; a complete round has none.
func (f facts) save(ctx context.Context, env tasks.Env) error {
	switch {
	case !f.complete:
		return env.Checkpoints.Save(ctx, key(env.Model), f.next)
	case f.saved:
		return env.Checkpoints.Clear(ctx, jobspec.BackgroundCountVerification)
	}
	return nil
}
