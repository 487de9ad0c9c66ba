package cleanupoldrecords

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

// facts are the records past their age.
type facts struct {
	tasks, journal expired
}

// expired is what is past its age in one collection.
type expired struct {
	collection string
	what       string // for a person
	status     string // the status field; empty where a record has none
	time       string // the time field
	records    []record
	waiting    int64 // also expired, and more than one run deletes
	timeless   int64 // finished, with no time that can be trusted
}

// record is one record with what must still be so when it is deleted.
type record struct {
	id, status, time mongodb.Value
	at               time.Time
}

type gatherer struct{ most int }

func (g gatherer) gather(ctx context.Context, env tasks.Env) (facts, error) {
	t, j, o := env.Model.Tasks, env.Model.Journal, env.Options
	f := facts{
		tasks:   expired{collection: t.Collection, what: "finished task records", status: t.Status, time: t.CreatedAt},
		journal: expired{collection: j.Collection, what: "journal entries", time: j.Timestamp},
	}
	if err := g.read(ctx, env, &f.tasks, t.Finished, o.TaskRetentionDays); err != nil {
		return f, err
	}
	return f, g.read(ctx, env, &f.journal, nil, o.JournalRetentionDays)
}

// read scans one collection. Finished are the statuses that may go, where there is a status field.
func (g gatherer) read(ctx context.Context, env tasks.Env, x *expired, finished []string, days int) error {
	env.Progress.Start("reading "+x.collection, env.DB.Estimate(ctx, x.collection))
	defer env.Progress.Done()
	fields, before := []string{x.time}, cutoff(env.Now, days)
	if x.status != "" {
		fields = append(fields, x.status)
	}
	return env.DB.Scan(ctx, x.collection, mongodb.ScanOptions{Fields: fields}, func(doc bson.Raw) error {
		env.Progress.Add(1)
		status, isString := doc.Lookup(x.status).StringValueOK()
		if x.status != "" && !(isString && slices.Contains(finished, status)) {
			return nil
		}
		at, known := when(doc.Lookup(x.time), env.Now)
		switch {
		case !known:
			x.timeless++
		case at.Before(before):
			x.add(doc, at, g.most)
		}
		return nil
	})
}

func (x *expired) add(doc bson.Raw, at time.Time, most int) {
	if len(x.records) >= most {
		x.waiting++
		return
	}
	r := record{id: mongodb.Reference(doc, "_id"), time: mongodb.Reference(doc, x.time), at: at}
	if x.status != "" {
		r.status = mongodb.Reference(doc, x.status)
	}
	x.records = append(x.records, r)
}
