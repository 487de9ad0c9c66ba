package stores

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Shares are what the processes of one run tell each other when they share the reading of a collection: which scan is
// under way, into which ranges it is cut, who reads which of them, and what was found there. They lie beside the
// checkpoints, and are all that a process may write which does not hold the run's lock.
//
// Who is first is decided by inserting a document whose _id is unique, the one atomic step of every server: see
// mongodb.Database.Lock.
type Shares struct {
	r   *mongodb.Reader
	run string // as it is in an _id
}

// SharesOf are those of one run.
func SharesOf(r *mongodb.Reader, run string) *Shares { return &Shares{r: r, run: url.PathEscape(run)} }

// SharePlan is how a collection is cut for one scan.
type SharePlan struct {
	Collection string          `bson:"collection"`
	Ranges     []mongodb.Range `bson:"ranges"`
}

// shareRecord is what is common to all of a run, and which scan is under way.
type shareRecord struct {
	ID      string    `bson:"_id"`
	Scan    string    `bson:"scan,omitempty"`
	Ended   bool      `bson:"ended,omitempty"`
	State   []byte    `bson:"state,omitempty"`
	SavedAt time.Time `bson:"saved_at"`
}

func (s *Shares) collection() *mongo.Collection {
	return s.r.Connection(driver.Key{}).DB().Collection(mongodb.CheckpointsCollection)
}

// sharesPrefix begins every _id of every run. No checkpoint's does, which begin with the name of a task.
const sharesPrefix = "share/"

// id is an _id of the run. Names of scans hold no slash.
func (s *Shares) id(parts ...any) string {
	id := sharesPrefix + s.run
	for _, part := range parts {
		id += fmt.Sprintf("/%v", part)
	}
	return id
}

// below selects all _ids that go on behind id: "0" follows "/".
func below(id string) bson.D {
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: id + "/"}, {Key: "$lt", Value: id + "0"}}}}
}

// ShareState is how far a run is.
type ShareState int

// The states. A run that has announced no scan is in none of the others.
const (
	ShareNotBegun ShareState = iota
	ShareUnderWay
	ShareEnded
)

// Announce says which scan is under way.
func (s *Shares) Announce(ctx context.Context, scan string) error {
	return s.setRun(ctx, shareRecord{Scan: scan})
}

// setRun stores how far the run is.
func (s *Shares) setRun(ctx context.Context, r shareRecord) (err error) {
	if r.SavedAt, err = s.r.Time(ctx); err != nil {
		return err
	}
	r.ID = s.id()
	err = connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := s.collection().ReplaceOne(ctx, bson.D{{Key: "_id", Value: r.ID}}, r, options.Replace().SetUpsert(true))
		return err
	})
	if err != nil {
		return fmt.Errorf("announce a shared scan: %w", err)
	}
	return nil
}

// Announced is how far the run is, and which scan is under way.
func (s *Shares) Announced(ctx context.Context) (scan string, state ShareState, err error) {
	var r shareRecord
	switch there, err := s.load(ctx, s.id(), &r); {
	case err != nil || !there:
		return "", ShareNotBegun, err
	case r.Ended:
		return "", ShareEnded, nil
	}
	return r.Scan, ShareUnderWay, nil
}

func (s *Shares) load(ctx context.Context, id string, to any) (there bool, err error) {
	err = s.collection().FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(to)
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read what the run shares: %w", err)
	}
	return true, nil
}

// insert adds a document and when it was saved, by the server's clock. It tells whether no document with that _id was
// there, and is safe to repeat.
func (s *Shares) insert(ctx context.Context, id string, doc bson.D) (first bool, err error) {
	now, err := s.r.Time(ctx)
	if err != nil {
		return false, err
	}
	doc = append(bson.D{{Key: "_id", Value: id}, {Key: "saved_at", Value: now}}, doc...)
	err = connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := s.collection().InsertOne(ctx, doc)
		return err
	})
	switch {
	case mongo.IsDuplicateKeyError(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("write what the run shares: %w", err)
	}
	return true, nil
}

// Plan is the plan of a scan, and whether there is one.
func (s *Shares) Plan(ctx context.Context, scan string) (plan SharePlan, there bool, err error) {
	var r shareRecord
	if there, err = s.load(ctx, s.id(scan), &r); err != nil || !there {
		return plan, false, err
	}
	if err := bson.Unmarshal(r.State, &plan); err != nil {
		return plan, false, fmt.Errorf("read the plan of a shared scan: %w", err)
	}
	return plan, true, nil
}

// SavePlan stores the plan of a scan, unless there is one.
func (s *Shares) SavePlan(ctx context.Context, scan string, plan SharePlan) error {
	state, err := bson.Marshal(plan)
	if err != nil {
		return fmt.Errorf("encode the plan of a shared scan: %w", err)
	}
	_, err = s.insert(ctx, s.id(scan), bson.D{{Key: "state", Value: state}})
	return err
}

// Begin has a run that ended before under this name be none.
func (s *Shares) Begin(ctx context.Context) error {
	return s.remove(ctx, bson.D{{Key: "_id", Value: s.id()}, {Key: "ended", Value: true}})
}

// End says that the run has ended, for a process that is late, and forgets the rest of it.
func (s *Shares) End(ctx context.Context) error {
	if err := s.setRun(ctx, shareRecord{Ended: true}); err != nil {
		return err
	}
	return s.Clear(ctx)
}

// Clear forgets all scans of the run.
func (s *Shares) Clear(ctx context.Context) error { return s.remove(ctx, below(s.id())) }

// ClearBefore forgets what runs have left behind: all that was stored before a time.
func (s *Shares) ClearBefore(ctx context.Context, before time.Time) error {
	old := bson.E{Key: "saved_at", Value: bson.D{{Key: "$lt", Value: before}}}
	return s.remove(ctx, append(below("share"), old))
}

func (s *Shares) remove(ctx context.Context, filter bson.D) error {
	err := connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := s.collection().DeleteMany(ctx, filter)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove what a run shared: %w", err)
	}
	return nil
}
