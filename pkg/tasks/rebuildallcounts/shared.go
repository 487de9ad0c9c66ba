package rebuildallcounts

import (
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/sharing"
	"ucorefs.io/maintenance/pkg/tasks"
)

// nameOf is the name of a reading for a team. A first reading goes on with what a leader that died has stored. A second
// one begins anew: it must be later than all that it is compared with, the counters that are stored included. Else a
// count and a counter that changed together since would be taken for a difference that two readings agree on.
func nameOf(only limits) string {
	if only == nil {
		return "first"
	}
	return "second-" + bson.NewObjectID().Hex()
}

// scanName is the name of the shared scan of one collection. Processes that know different counters, or are of
// different releases, do not share one.
func scanName(env tasks.Env, reading, collection string) string {
	return strings.Join([]string{reading, sharing.Digest("1", env.Library.Counters), sharing.Digest("", collection)}, "-")
}

// scanShared is the scan of a collection whose documents have no counters by all processes of the run.
func (r *reader) scanShared(ctx context.Context, step recount.Step, doing string) error {
	shared, err := r.env.Team.Open(ctx, scanName(r.env, r.name, step.Collection), step.Collection)
	if err != nil {
		return err
	}
	o := mongodb.ScanOptions{Fields: step.Names()}
	return r.env.ReadShared(ctx, doing, shared, o, portions(r.counters, step),
		func(documents int64, chunks sharing.Chunks) error {
			r.met(step, documents)
			return chunks(r.tally.Absorb)
		})
}

// portions are those of one collection, one for each range.
func portions(counters recount.Counters, step recount.Step) func() sharing.Part {
	return func() sharing.Part {
		portion, fields := counters.NewPortion(), step.Clone()
		return sharing.Part{
			Each: func(doc bson.Raw) error {
				portion.Add(step.Source, fields.Read(doc))
				return nil
			},
			Encode: func(chunk func([]byte) error) error { return portion.Encode(sharing.MaxChunk, chunk) },
		}
	}
}

// help counts ranges of the collections that the leader reads, in either reading.
func help(ctx context.Context, env tasks.Env) (sharing.Helped, error) {
	counters := recount.Of(env.Library)
	steps := counters.Steps()
	join := func(_ context.Context, scan, collection string) (o mongodb.ScanOptions, newPart func() sharing.Part, ok bool,
		err error) {
		i := slices.IndexFunc(steps, func(s recount.Step) bool {
			return s.Collection == collection &&
				s.Target == recount.None
		})
		if i < 0 || !strings.HasSuffix(scan, scanName(env, "", collection)) {
			return o, nil, false, nil
		}
		return mongodb.ScanOptions{Fields: steps[i].Names()}, portions(counters, steps[i]), true, nil
	}
	return env.Team.Help(ctx, join)
}
