package rebuildallcounts

import (
	"context"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are two looks at the counters; the second is limited to what differed in the first, and absent where nothing
// did.
type facts struct {
	collections   []recount.Collection
	first, second reading
}

// reading is one complete look at all counters, or one limited to some: of each collection only the documents that
// are wrong are kept.
type reading struct {
	files    int64
	wrong    [][]recount.Document
	zeroed   recount.Zeroed
	warnings []string
}

// limits are the documents that a reading is limited to, by collection; nil: it is not.
type limits []bsonvalue.IDSet

func gather(ctx context.Context, env tasks.Env) (f facts, err error) {
	counters := recount.Of(env.Library)
	f.collections = counters.Collections
	if err := env.Fits(ctx, "counting", recount.BytesOfDocument, counters.Names); err != nil {
		return f, err
	}
	if f.first, err = read(ctx, env.FirstLook(), counters, nil); err != nil {
		return f, err
	}
	only, some := f.first.limits()
	if !some {
		return f, nil
	}
	if err = f.first.warnOfEmpty(ctx, env); err != nil {
		return f, err
	}
	env.Log.Info("counters differ: counting those once more")
	f.second, err = read(ctx, env, counters, only)
	return f, err
}

// warnOfEmpty warns of collections without documents that counters say to have had some.
func (r *reading) warnOfEmpty(ctx context.Context, env tasks.Env) error {
	warnings, err := r.zeroed.Warnings(ctx, env.DB.IsEmpty)
	r.warnings = append(r.warnings, warnings...)
	return err
}

// limits are the documents that are wrong, and whether there are any.
func (r reading) limits() (only limits, some bool) {
	only = make(limits, len(r.wrong))
	for i, documents := range r.wrong {
		for _, d := range documents {
			only[i].Add(d.ID)
			some = true
		}
	}
	return only, some
}
