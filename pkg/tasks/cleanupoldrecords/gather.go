package cleanupoldrecords

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/tasks"
)

// expired is what is past its age in one collection.
type expired struct {
	library.Expiring
	noun      string
	records   []mongodb.Deletion
	elsewhere map[string]bool // ids of records that expire by another rule as well, and are there
	times     []time.Time     // of the first few
	waiting   int64           // also expired, and more than one run deletes
	timeless  int64           // may go, with no time that can be trusted
	// referrers are what refers to records, and what depends on what goes with them.
	referrers *references.Referrers
}

type gatherer struct{ most int }

func (g gatherer) gather(ctx context.Context, env tasks.Env) (all []expired, err error) {
	for _, declared := range env.Library.Expiring {
		x := expired{Expiring: declared, noun: env.Library.Noun(declared.Collection), elsewhere: dueBefore(all,
			declared.Collection)}
		if err := g.read(ctx, env, &x); err != nil {
			return nil, err
		}
		if x.referrers, err = references.Gather(ctx, env.DB, env.Library, x.Collection, mongodb.Targets(x.records),
			env.Progress); err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// dueBefore are the ids of the records of a collection that expire by a rule before.
func dueBefore(rules []expired, collection string) map[string]bool {
	ids := map[string]bool{}
	for _, x := range rules {
		for _, r := range x.records {
			if x.Collection == collection {
				ids[r.ID.String()] = true
			}
		}
	}
	return ids
}

// read is the one scan of a collection.
func (g gatherer) read(ctx context.Context, env tasks.Env, x *expired) error {
	before, o := cutoff(env.Now, x.days(env.Options)), mongodb.ScanOptions{Fields: x.fields()}
	return env.Scan(ctx, "reading "+x.Collection, x.Collection, o, func(doc bson.Raw) error {
		if !x.Where.Matches(doc) {
			return nil
		}
		at, known := bsonvalue.TimeOf(doc.Lookup(x.Since))
		switch {
		case !known || !credible(at, env.Now):
			x.timeless++
		case at.Before(before) && !x.elsewhere[doc.Lookup("_id").String()]:
			x.add(doc, at, g.most)
		}
		return nil
	})
}

func (x expired) fields() []string { return append(x.Where.Fields(), x.Since) }

func (x expired) days(o jobspec.Options) int {
	switch x.Keep {
	case library.KeepTasks:
		return o.TaskRetentionDays
	case library.KeepJournal:
		return o.JournalRetentionDays
	}
	return x.Days
}

func (x *expired) add(doc bson.Raw, at time.Time, most int) {
	if len(x.records) >= most {
		x.waiting++
		return
	}
	x.records = append(x.records, mongodb.DeletionOf(doc, x.fields()))
	if len(x.times) < tasks.SampleSize {
		x.times = append(x.times, at)
	}
}

// ahead is how far clocks may be apart before a time is taken for a mistake.
const ahead = 24 * time.Hour

// earliest is a time before which no library was kept.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// credible tells whether a time is one that an application wrote on purpose.
func credible(at, now time.Time) bool { return !at.Before(earliest) && !at.After(now.Add(ahead)) }

// cutoff is the time before which a record is older than a number of days.
func cutoff(now time.Time, days int) time.Time {
	const farthest = 100_000 // days: all of history, and no overflow
	return now.AddDate(0, 0, -min(days, farthest))
}
