package stores

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// journalHead is the record by which the journal knows a run that has taken nothing.
type journalHead struct {
	ID        bson.ObjectID `bson:"_id"`
	Run       string        `bson:"run"`
	Task      string        `bson:"task"` // for people who look
	Time      time.Time     `bson:"time"`
	ExpiresAt time.Time     `bson:"expires_at"` // of the TTL index
	Head      bool          `bson:"head"`
	// Part has earlier releases pass over the record, as over a part of an entry that was never finished.
	Part bool `bson:"part"`
}

// Enter enters the run in the journal, before it is known whether it takes anything: a restore can then tell a run that
// took nothing from one that never was. It stays as long as the entries do. To enter a run twice does no harm.
func (j *Journal) Enter(ctx context.Context, task string) error {
	if err := j.ensureIndexes(ctx); err != nil {
		return err
	}
	now, err := j.now(ctx)
	if err != nil {
		return err
	}
	return j.insert(ctx, []any{journalHead{
		ID: j.ids.next(now), Run: j.run, Task: task, Time: now, ExpiresAt: now.Add(journal.Keep), Head: true, Part: true,
	}})
}

// Runs are the runs that the journal of a database knows, in no particular order.
func Runs(ctx context.Context, r *mongodb.Reader) (runs []string, err error) {
	err = r.Values(ctx, driver.Key{}, mongodb.JournalCollection, "run", func(value bson.RawValue) {
		if run, ok := value.StringValueOK(); ok {
			runs = append(runs, run)
		}
	})
	return runs, err
}
