package backgroundcountverification

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are what a run found, and where the next goes on.
type facts struct {
	kinds    [3]recount.Kind
	changes  [3][]change // what both scans agree on
	unsure   int64       // documents that changed while they were counted
	files    int64       // read in this run
	coverage int64       // percent of the round
	complete bool        // the round is
	spent    bool        // the budget ran out before
	warnings []string

	saved  bool  // there is a checkpoint
	ended  state // the end of the scan that found the changes: from there what cannot be written now is found again
	next   state
	budget budget
}

// change is one document's correction, and the entry that it came from.
type change struct {
	document recount.Document
	entry    entry
}

func (f facts) found() int {
	return len(f.changes[tags]) + len(f.changes[albums]) + len(f.changes[directories])
}

// work is a run under way.
type work struct {
	env    tasks.Env
	limits limits
	facts  facts

	at      state
	entries []entry
	index   [3]mongodb.IDMap[int] // the place of each entry
	scan    scan
	began   bool          // it has counted something
	kept    time.Duration // when its place was last saved
}

// gather counts, scan by scan, until the budget is spent, the round is complete, or there is something to correct: that is best
// done while it is fresh.
func gather(ctx context.Context, env tasks.Env, l limits) (facts, error) {
	w := &work{env: env, limits: l, facts: facts{budget: budgetOf(env)}, kept: env.Elapsed()}
	w.facts.kinds[tags], w.facts.kinds[albums], w.facts.kinds[directories] = recount.Kinds(env.Model)
	var err error
	if w.at, w.entries, w.facts.saved, err = load(ctx, env); err != nil {
		return w.facts, err
	}
	for {
		ended, err := w.countSlice(ctx)
		if err != nil {
			return w.facts, err
		}
		w.facts.spent = !ended || w.facts.budget.spent()
		if w.facts.spent || w.facts.complete || w.facts.found() > 0 {
			break
		}
	}
	w.facts.next = w.at.packed(w.entries)
	w.facts.coverage = 100
	if !w.facts.complete {
		w.facts.coverage = w.at.coverage(env.DB.Estimate(ctx, env.Model.Files.Collection))
	}
	return w.facts, nil
}

// countSlice begins or continues one scan, and tells whether it came to its end.
func (w *work) countSlice(ctx context.Context) (ended bool, err error) {
	if err := w.open(ctx); err != nil {
		return false, err
	}
	if !w.at.Ended {
		if ended, err = w.countFiles(ctx); err != nil || !ended {
			return false, err
		}
	}
	if ended, err = w.countSmartAlbums(ctx); err != nil || !ended {
		return false, err
	}
	return true, w.close(ctx)
}

// look reads the tags, albums and directories.
func (w *work) look(ctx context.Context, each func(kind byte, id mongodb.ID, doc bson.Raw) error) error {
	m := w.env.Model
	fields := [3][]string{nil, {m.Albums.IsSmart, m.Albums.Files, m.Albums.Query}, {m.Directories.Parent}}
	for kind, k := range w.facts.kinds {
		o := mongodb.ScanOptions{Fields: append(fields[kind], k.Fields...)}
		err := w.env.DB.Scan(ctx, k.Collection, o, func(doc bson.Raw) error {
			return each(byte(kind), mongodb.Reference(doc, "_id"), doc)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *work) isSmart(kind byte, doc bson.Raw) bool {
	smart, _ := doc.Lookup(w.env.Model.Albums.IsSmart).BooleanOK()
	return kind == albums && smart
}
