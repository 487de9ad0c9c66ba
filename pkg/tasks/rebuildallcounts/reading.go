package rebuildallcounts

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/scan"
	"ucorefs.io/maintenance/pkg/tasks"
)

// reader is a reading under way.
type reader struct {
	env      tasks.Env
	counters recount.Counters
	only     limits
	tally    *recount.Tally
	name     string // of the reading in its run, for a team
	out      reading
}

// read scans each collection that concerns a counter, once, and then has the stored queries counted.
func read(ctx context.Context, env tasks.Env, counters recount.Counters, only limits) (reading, error) {
	r := &reader{env: env, counters: counters, only: only, tally: counters.NewTally(), name: nameOf(only)}
	r.out.zeroed = recount.Zeroed{}
	r.expect()
	for _, step := range counters.Steps() {
		if err := r.scan(ctx, step); err != nil {
			return reading{}, err
		}
	}
	if err := r.countQueries(ctx); err != nil {
		return reading{}, err
	}
	for i := range counters.Collections {
		wrong, warnings, err := r.tally.Wrong(ctx, i, env.DB.Folds)
		if err != nil {
			return reading{}, err
		}
		r.out.wrong, r.out.warnings = append(r.out.wrong, wrong), append(r.out.warnings, warnings...)
		if len(wrong) > 0 {
			r.out.zeroed.Add(r.tally.Totals(i).Zeroed())
		}
	}
	return r.out, nil
}

// expect tells the tally which ids count: those of a limited reading are known, all others are met on the way.
func (r *reader) expect() {
	for i, collection := range r.counters.Collections {
		if r.only == nil || collection.Nests() {
			r.tally.Open(i)
		}
		if r.only != nil {
			for id := range r.only[i].All() {
				r.tally.Expect(i, id)
			}
		}
	}
}

func (r *reader) scan(ctx context.Context, step recount.Step) error {
	filter, concerned := r.filter(step)
	if !concerned {
		return nil
	}
	o := mongodb.ScanOptions{Filter: filter, Fields: step.Names()}
	doing := "counting " + r.env.Library.Noun(step.Collection)
	if step.Target == recount.None && filter == nil && r.env.Team != nil {
		return r.scanShared(ctx, step, doing)
	}
	if step.Target == recount.None {
		return r.env.ScanParts(ctx, doing, step.Collection, o, func(alone bool) mongodb.Part {
			return r.part(step, alone)
		})
	}
	err := r.env.Scan(ctx, doing, step.Collection, o, func(doc bson.Raw) error {
		r.take(step, step.Read(doc))
		r.met(step, 1)
		return nil
	})
	r.tally.Close(step.Target)
	return err
}

// part counts documents that have no counters themselves, when all that have some are known.
func (r *reader) part(step recount.Step, alone bool) mongodb.Part {
	fields, documents := step.Clone(), int64(0)
	add, merge := r.tally.Add, func() {}
	if !alone {
		share := r.tally.Share()
		add, merge = share.Add, share.Merge
	}
	return mongodb.Part{
		Each: func(doc bson.Raw) error {
			add(step.Source, fields.Read(doc))
			documents++
			return nil
		},
		Merge: func() error {
			merge()
			r.met(step, documents)
			documents = 0
			return nil
		},
	}
}

// met notes that documents of a collection were read.
func (r *reader) met(step recount.Step, documents int64) {
	if r.env.Library.HoldsFiles(step.Collection) {
		r.out.files += documents
	}
}

// take counts one document that has counters, for itself and for what it refers to.
func (r *reader) take(step recount.Step, row scan.Row) {
	id := bsonvalue.Of(row[scan.ID])
	if r.counters.Collections[step.Target].Nests() {
		r.tally.Nest(step.Target, id, row)
	}
	if r.only == nil || r.only[step.Target].Has(id) {
		r.tally.Meet(step.Target, id, row)
	}
	if step.Source != recount.None {
		r.tally.Add(step.Source, row)
	}
}

// fewIDs is how many ids a filter may name; beyond that a server reads everything with less work.
const fewIDs = 1000

// filter selects the documents that matter to a limited reading, if any do; nil selects all.
func (r *reader) filter(step recount.Step) (filter any, concerned bool) {
	if r.only == nil {
		return nil, true
	}
	var either bson.A
	n, all := 0, false
	matter := func(field string, target int) {
		ids := slices.Collect(r.only[target].All())
		if len(ids) > 0 {
			n, all = n+len(ids), all || r.counters.Collections[target].Nests()
			either = append(either, mongodb.In(field, ids))
		}
	}
	if step.Target != recount.None {
		matter("_id", step.Target)
	}
	if step.Source != recount.None {
		r.counters.Sources[step.Source].References(matter)
	}
	if all || n > fewIDs {
		return nil, true
	}
	return bson.D{{Key: "$or", Value: either}}, n > 0
}

// queriesAtOnce is how many stored queries the server counts at a time. Each may read a whole collection.
const queriesAtOnce = 4

// countQueries has the server count; a query that it cannot run is the fault of who stored it, not the run's.
func (r *reader) countQueries(ctx context.Context) error {
	queries := r.tally.Queries()
	counts := make([]int64, len(queries))
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(queriesAtOnce)
	for i, q := range queries {
		if q.Problem != "" {
			continue
		}
		asking.Go(func() (err error) {
			counts[i], err = r.env.DB.Count(ctx, q.In, q.Filter)
			if bad := (*connection.QueryError)(nil); errors.As(err, &bad) {
				q.Problem, err = bad.Error(), nil
			}
			return err
		})
	}
	if err := asking.Wait(); err != nil {
		return err
	}
	for i, q := range queries {
		if r.tally.Answer(q, counts[i]); q.Problem != "" {
			r.out.warnings = append(r.out.warnings, q.Warning())
		}
	}
	return nil
}
