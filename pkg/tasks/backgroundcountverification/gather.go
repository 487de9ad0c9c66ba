package backgroundcountverification

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/scan"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are what a run read, and where it stopped.
type facts struct {
	collections []recount.Collection
	compared    []compared // what the second scan found, where one ended
	scanEnd     state      // where that scan ended: from here what cannot be written now is found again
	place       state      // where the round goes on once nothing of compared is left to write
	entries     []entry    // those of place
	complete    bool       // the round is, unless something of compared is left
	spent       bool       // the budget is
	unsure      int64      // documents that changed while they were counted
	files       int64      // read in this run
	documents   int64      // there are to count, about
	warnings    []string
	saved       bool          // there is a checkpoint
	began       time.Duration // when the task did
}

// work is a run under way.
type work struct {
	env      tasks.Env
	limits   limits
	budget   budget
	counters recount.Counters
	facts

	index   []bsonvalue.IDMap[int] // the place of each entry, by collection
	tally   *recount.Tally
	counted bool          // it has counted something
	kept    time.Duration // when its place was last saved
}

// errSpent ends what the budget does not suffice for.
var errSpent = errors.New("the time budget is spent")

// gather counts, scan by scan, until the budget is spent, the round is complete, or there is something to correct: that
// is best done while it is fresh.
func gather(ctx context.Context, env tasks.Env, l limits) (facts, error) {
	began := env.Elapsed()
	w := &work{env: env, limits: l, budget: budgetSince(env, began), counters: recount.Of(env.Library), kept: began}
	w.collections, w.began = w.counters.Collections, began
	var err error
	if w.place, w.entries, w.saved, err = load(ctx, env, w.counters); err != nil {
		return facts{}, err
	}
	for {
		err := w.scan(ctx)
		if err != nil && !errors.Is(err, errSpent) {
			return facts{}, err
		}
		w.spent = err != nil || w.budget.spent()
		if w.spent || w.complete || len(confirmed(w.compared)) > 0 {
			break
		}
	}
	for _, s := range w.counters.Sources {
		w.documents += env.DB.Estimate(ctx, s.Collection)
	}
	return w.facts, nil
}

// scan begins or continues one scan; it returns errSpent where it did not come to the end.
func (w *work) scan(ctx context.Context) error {
	return tasks.InOrder(ctx, w.open, w.countSources, w.countQueries, w.close)
}

// readCollection reads the documents of one collection that has counters.
func (w *work) readCollection(ctx context.Context, kind int, each func(id bsonvalue.ID, row scan.Row) error) error {
	c := w.counters.Collections[kind]
	return w.env.DB.Scan(ctx, c.Name, mongodb.ScanOptions{Fields: c.Names()}, func(doc bson.Raw) error {
		row := c.Read(doc)
		return each(bsonvalue.Of(row[scan.ID]), row)
	})
}

// collect takes the sums of the tally over into the entries.
func (w *work) collect() {
	totals := make([]recount.Totals, len(w.counters.Collections))
	for kind := range totals {
		totals[kind] = w.tally.Totals(kind)
	}
	for _, e := range w.entries {
		for i := range e.counters {
			e.counters[i].sum = totals[e.kind].Of(e.id, i)
		}
	}
}
