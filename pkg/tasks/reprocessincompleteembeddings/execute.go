package reprocessincompleteembeddings

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/tasks"
)

// version is the format of step.
const version = 1

// step is a group of records that is about to be queued and reset. The document in the queue has its id before it is
// there, so that the step can be done again.
type step struct {
	Queue bson.ObjectID   `bson:"queue"`
	Now   int64           `bson:"now"` // Unix seconds
	IDs   []bson.ObjectID `bson:"ids"`
}

func key(env tasks.Env) checkpoint.Key {
	return checkpoint.Key{Task: jobspec.ReprocessIncompleteEmbeddings, Version: version, Plan: env.Library.Digest}
}

// loadStep is what an interrupted run was about to do, or nil.
func loadStep(ctx context.Context, env tasks.Env) (*step, error) {
	raw, err := env.Checkpoints.Load(ctx, key(env))
	if err != nil || raw == nil {
		return nil, err
	}
	s := &step{}
	if err := bson.Unmarshal(raw, s); err != nil || len(s.IDs) == 0 {
		return nil, nil // whatever it is, it is not what this task saved
	}
	return s, nil
}

// execution is what has been done so far.
type execution struct {
	env     tasks.Env
	w       *mongodb.Writer
	journal *stores.Journal
	plan    plan
	done    tasks.Done
	changed int64
}

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	x := &execution{env: env, w: w, journal: stores.NewJournal(w, env.RunID), plan: p,
		done: tasks.Done{Counts: p.counts(0, 0)}}
	env.Progress.Start("queueing records", int64(len(p.records)))
	defer env.Progress.Done()
	err := x.all(ctx)
	tasks.Add(&x.done.Warnings, x.changed, "%d records changed while this ran and were left alone")
	return x.done, err
}

func (x *execution) all(ctx context.Context) error {
	if x.plan.unfinished != nil {
		if err := x.complete(ctx, *x.plan.unfinished); err != nil {
			return err
		}
	}
	for _, group := range x.plan.groups {
		s := step{Queue: bson.NewObjectID(), Now: x.env.Now.Unix()}
		for _, r := range group {
			s.IDs = append(s.IDs, r.id)
		}
		if err := x.env.Checkpoints.Save(ctx, key(x.env), s); err != nil {
			return err
		}
		if err := x.do(ctx, s, group); err != nil {
			return err
		}
		x.env.Progress.Add(int64(len(group)))
	}
	if x.plan.unfinished == nil && len(x.plan.groups) == 0 {
		return nil
	}
	return x.env.Checkpoints.Clear(ctx, jobspec.ReprocessIncompleteEmbeddings)
}

// complete does a step that an interrupted run had begun: the records are read again, since the application may have
// been at work.
func (x *execution) complete(ctx context.Context, s step) error {
	var group []record
	for _, id := range s.IDs {
		doc, err := x.w.Document(ctx, x.plan.declared.Collection, bsonvalue.ObjectID(id))
		if err != nil {
			return err
		}
		if doc != nil && x.plan.declared.Where.Matches(doc) {
			group = append(group, record{id, stored(doc, x.plan.declared.Set)})
		}
	}
	return x.do(ctx, s, group)
}

// do queues a step's records, and resets those that are still to be. What the server will not have in the queue is not
// reset either: the application would not take it up again.
func (x *execution) do(ctx context.Context, s step, group []record) error {
	q := x.plan.declared.Queue
	doc := append(bson.D{{Key: "_id", Value: s.Queue}}, placeholders{s.IDs, s.Now}.fill(q.Document)...)
	inserted, err := x.w.InsertOnce(ctx, q.Collection, doc)
	if errors.Is(err, mongodb.ErrRefused) {
		return nil
	}
	if err != nil {
		return err
	}
	if inserted {
		x.done.Counts["tasksQueued"]++
	}
	updates := make([]mongodb.Update, len(group))
	for i, r := range group {
		updates[i] = x.reset(r)
	}
	written, err := x.journal.Update(ctx, x.plan.declared.Collection, updates)
	x.done.Counts["filesReset"] += written.Modified
	x.changed += written.Conflicts
	return err
}

func (x *execution) reset(r record) mongodb.Update {
	u := mongodb.Update{ID: bsonvalue.ObjectID(r.id)}
	for i, set := range x.plan.declared.Set {
		u.Fields = append(u.Fields, mongodb.Field{Name: set.Field, Old: r.was[i], New: placeholders{}.value(set.Value)})
	}
	return u
}
