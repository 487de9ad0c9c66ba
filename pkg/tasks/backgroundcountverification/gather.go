package backgroundcountverification

import (
	"context"
	"errors"
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/recount/round"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are what a run read, and where it stopped.
type facts struct {
	collections []recount.Collection
	scan        round.Scan  // the one that found drift, if any: from its place what cannot be written now is found again
	place       round.Place // where the round goes on once nothing of that is left to write
	complete    bool        // the round is, unless something of that is left
	spent       bool        // the budget is
	unsure      int64       // documents that changed while they were counted, beside those of scan
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
	for drift := false; !w.spent && !w.complete && !drift; {
		switch drift, err = w.readScan(ctx); {
		case errors.Is(err, errSpent):
			w.spent = true
			w.place.Collect(w.tally, len(w.collections))
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

// deadline is when the budget of a run that began then is spent, as env.Elapsed tells the time.
func deadline(env tasks.Env, began time.Duration) time.Duration {
	if env.Options.TimeBudget <= 0 {
		return math.MaxInt64
	}
	return began + env.Options.TimeBudget
}

// left is what is not spent of the budget yet; it may be negative.
func (w *work) left() time.Duration { return w.deadline - w.env.Elapsed() }

// key tells declarations apart, since a place in one is none in another.
func key(l library.Library) checkpoint.Key {
	return checkpoint.Key{Task: jobspec.BackgroundCountVerification, Version: round.Version, Plan: l.Digest}
}

// load is the saved place, or the beginning of a round where nothing of use is saved.
func load(ctx context.Context, env tasks.Env, counters recount.Counters) (p round.Place, saved bool, err error) {
	raw, err := env.Checkpoints.Load(ctx, key(env.Library))
	if err != nil || raw == nil || bson.Unmarshal(raw, &p) != nil || !p.Fits(counters) {
		p = round.Start(1)
	}
	return p, raw != nil, err
}
