package backgroundcountverification

import (
	"context"
	"errors"
	"time"

	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are what a run read, and where it stopped.
type facts struct {
	collections []recount.Collection
	drifted     [][]drifted // by collection, where a second scan ended
	found       int         // how many they are
	scanEnd     state       // where that scan ended: from here what cannot be written now is found again
	place       state       // where the round goes on once nothing of drifted is left to write
	complete    bool        // the round is, unless something of drifted is left
	spent       bool        // the budget is
	unsure      int64       // documents that changed while they were counted
	files       int64       // read in this run
	documents   int64       // there are to count, about
	warnings    []string
	saved       bool          // there is a checkpoint
	deadline    time.Duration // when the budget is spent, as env.Elapsed tells the time
}

// work is a run under way.
type work struct {
	env      tasks.Env
	limits   limits
	counters recount.Counters
	facts

	tally   *recount.Tally
	counted bool          // it has counted something
	kept    time.Duration // when its place was last saved
}

// look is what the present scan reads with: the second one confirms what the first one found.
func (w *work) look() tasks.Env {
	if w.place.Second {
		return w.env
	}
	return w.env.FirstLook()
}

// errSpent ends what the budget does not suffice for.
var errSpent = errors.New("the time budget is spent")

// gather counts, scan by scan, until the budget is spent, the round is complete, or there is something to correct: that
// is best done while it is fresh.
func gather(ctx context.Context, env tasks.Env, l limits) (facts, error) {
	w := &work{env: env, limits: l, counters: recount.Of(env.Library), kept: env.Elapsed()}
	w.collections, w.deadline = w.counters.Collections, deadline(env, w.kept)
	err := env.Fits(ctx, "counting", recount.BytesOfDocument, w.counters.Nesting)
	if err != nil {
		return facts{}, err
	}
	if w.place, w.saved, err = load(ctx, env, w.counters); err != nil {
		return facts{}, err
	}
	for !w.spent && !w.complete && w.found == 0 {
		switch err := w.scan(ctx); {
		case errors.Is(err, errSpent):
			w.spent = true
			w.collect()
		case err != nil:
			return facts{}, err
		default:
			w.spent = w.left() <= 0
		}
	}
	for _, s := range w.counters.Sources {
		w.documents += env.DB.Estimate(ctx, s.Collection)
	}
	return w.facts, nil
}
