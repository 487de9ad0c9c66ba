package stores

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// journalRecord is one entry as it is stored, or a part of the data of one that is too large for a record. All that
// comes from a document is binary, since a document may hold keys that a server refuses inside another one, and since
// bytes come back exactly as they went in.
type journalRecord struct {
	ID         bson.ObjectID `bson:"_id"` // in the order of writing within a run
	Run        string        `bson:"run"`
	Collection string        `bson:"collection"`
	Document   bson.RawValue `bson:"document"` // the document's _id, for people who look
	Time       time.Time     `bson:"time"`
	ExpiresAt  time.Time     `bson:"expires_at"` // of the TTL index

	Form journal.Form `bson:"form,omitempty"` // empty: a part, or a record of an earlier release
	Data []byte       `bson:"data,omitempty"`
	Was  []byte       `bson:"was,omitempty"`  // the digest of the document before the run
	Left []byte       `bson:"left,omitempty"` // and after it; absent where the document was deleted
	// Parts is how many records before this one hold the beginning of its data. The record with the form comes last:
	// without it, the run ended before it touched the document.
	Parts int  `bson:"parts,omitempty"`
	Part  bool `bson:"part,omitempty"`
	Head  bool `bson:"head,omitempty"` // no part of an entry: a journalHead
	// RestoredAt is when a restore undid the entry.
	RestoredAt time.Time `bson:"restored_at,omitempty"`

	// Before and After are the whole documents in the records of earlier releases; After is null where it was deleted.
	Before []byte `bson:"before,omitempty"`
	After  []byte `bson:"after,omitempty"`
}

const (
	// maxPart is how many bytes of data one record holds, far below the 16 MiB that a document may have.
	maxPart = 4 << 20
	// maxJournalBatch is how many bytes of data one command to write the journal holds, unless a single record has
	// more.
	maxJournalBatch = 8 << 20
)

// journaledDocument is an entry with the _id of its document.
type journaledDocument struct {
	id    bson.RawValue
	entry journal.Entry
}

// records is the entry as it is stored, in this order.
func (d journaledDocument) records(
	id func() bson.ObjectID, run, collection string, now time.Time,
) (records []journalRecord) {
	expires := now.Add(journal.Keep)
	common := journalRecord{Run: run, Collection: collection, Document: d.id, Time: now, ExpiresAt: expires}
	data := d.entry.Data
	for ; len(data) > maxPart; data = data[maxPart:] {
		part := common
		part.ID, part.Part, part.Data = id(), true, data[:maxPart]
		records = append(records, part)
	}
	last := common
	last.ID, last.Form, last.Data, last.Was, last.Parts = id(), d.entry.Form, data, d.entry.Before[:], len(records)
	if d.entry.After != (journal.Digest{}) {
		last.Left = d.entry.After[:]
	}
	return append(records, last)
}

// Journal writes what a run is about to change or delete, and then does it, so that the run can be undone. It is made
// once a run.
type Journal struct {
	w       *mongodb.Writer
	run     string
	indexed atomic.Bool // whether its indexes were made
	clock   atomic.Pointer[clock]
	ids     ascending
	whole   comparison
}

// NewJournal is the journal of one run.
func NewJournal(w *mongodb.Writer, run string) *Journal { return &Journal{w: w, run: run} }

// record writes entries, and returns only when they are safe: call it before the documents are touched. It is called
// again for a document that a later step of the same run changes again.
func (j *Journal) record(ctx context.Context, collection string, documents []journaledDocument) error {
	if err := j.ensureIndexes(ctx); err != nil {
		return err
	}
	now, err := j.now(ctx)
	if err != nil {
		return err
	}
	var batch []any
	size, id := 0, func() bson.ObjectID { return j.ids.next(now) }
	for _, d := range documents {
		for _, r := range d.records(id, j.run, collection, now) {
			if len(batch) == j.w.Facts().MaxInserts || len(batch) > 0 && size+len(r.Data) > maxJournalBatch {
				if err := j.insert(ctx, batch); err != nil {
					return err
				}
				batch, size = nil, 0
			}
			batch, size = append(batch, r), size+len(r.Data)
		}
	}
	return j.insert(ctx, batch)
}

// clock is the server's: the pod's may be wrong, and entries would expire at once, or a second pod of the run would
// write before the first.
type clock struct {
	server time.Time
	asked  time.Time // with the monotonic time of this process
}

func (c clock) now() time.Time { return c.server.Add(time.Since(c.asked)) }

// now is the server's time, which is asked for once a run.
func (j *Journal) now(ctx context.Context) (time.Time, error) {
	if c := j.clock.Load(); c != nil {
		return c.now(), nil
	}
	server, err := j.w.Time(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the server for its time: %w", err)
	}
	c := &clock{server, time.Now()}
	j.clock.Store(c)
	return c.now(), nil
}

func (j *Journal) insert(ctx context.Context, records []any) error {
	if err := j.w.MayWrite(ctx, "write to", mongodb.JournalCollection); err != nil {
		return err
	}
	err := connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := j.collection().InsertMany(ctx, records)
		return err
	})
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

func (j *Journal) collection() *mongo.Collection {
	return j.w.Connection(driver.Key{}).DB().Collection(mongodb.JournalCollection)
}

// indexWithin is how long a server may build an index of the journal, which may be large.
const indexWithin = 10 * time.Minute

// ensureIndexes makes the index by run and the TTL index, at the first entry. A member that is away blocks neither. A
// server without TTL indexes keeps entries for ever.
func (j *Journal) ensureIndexes(ctx context.Context) error {
	if j.indexed.Load() {
		return nil
	}
	byRun := mongo.IndexModel{Keys: bson.D{{Key: "run", Value: 1}, {Key: "_id", Value: 1}}}
	create := func(index mongo.IndexModel) error {
		return connection.ConfirmIn(ctx, indexWithin, func(ctx context.Context) error {
			return admin.Build(ctx, j.w, mongodb.JournalCollection, index)
		})
	}
	if err := create(byRun); err != nil {
		return fmt.Errorf("make the journal's index: %w", err)
	}
	expiry := mongo.IndexModel{Keys: bson.D{{Key: "expires_at", Value: 1}},
		Options: options.Index().SetExpireAfterSeconds(0)}
	if err := create(expiry); err != nil && !connection.IsCommandError(err) {
		return fmt.Errorf("make the journal's TTL index: %w", err)
	}
	j.indexed.Store(true)
	return nil
}

// ascending gives ids of which each is greater than the one before, which ObjectIDs are not when their counter begins
// anew.
type ascending struct {
	mu   sync.Mutex
	last bson.ObjectID
}

func (a *ascending) next(now time.Time) bson.ObjectID {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := bson.NewObjectIDFromTimestamp(now)
	if bytes.Compare(id[:], a.last[:]) <= 0 {
		id = a.last
		for i := range slices.Backward(id[:]) {
			if id[i]++; id[i] != 0 {
				break
			}
		}
	}
	a.last = id
	return id
}
