package mongodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// ErrLockLost is the cause with which a run's context ends when its lock could not be renewed.
var ErrLockLost = errors.New("the lock could not be renewed in time: another run may hold it now")

// Lease is a lock that its run holds alone. It is the only way to a Writer.
type Lease struct{ *heldLock }

// Writer is what writes to the database, for as long as the lease is held.
func (l *Lease) Writer() *Writer { return &Writer{Reader: l.d.reader, lock: l.heldLock} }

// SharedLease is a lock that runs which only read hold together. It gives no Writer.
type SharedLease struct{ *heldLock }

// Lock takes the lock alone, or answers *lock.HeldError; a request that asks waits up to lock.YieldWithin for holders
// that yield. The context that comes back ends with ErrLockLost when the lock is lost, at the latest before the next
// batch is written, and with *lock.YieldError when another run asks for it. The request's Mode is set here.
//
// Taking it is inserting a document whose _id is unique, then looking again: whoever finds another live record beside
// its own steps back. Of two who insert at the same time at least one sees the other, so never two hold it; both may
// step back. Inserting is the one atomic step that every server has: compare-and-set is not atomic on FerretDB 1.
func (d *Database) Lock(ctx context.Context, request lock.Request) (context.Context, *Lease, error) {
	request.Mode = lock.Write
	held, l, err := d.hold(ctx, request)
	if err != nil {
		return ctx, nil, err
	}
	return held, &Lease{l}, nil
}

// LockShared is Lock for a run that only reads: any number of such runs hold the lock together.
func (d *Database) LockShared(ctx context.Context, request lock.Request) (context.Context, *SharedLease, error) {
	request.Mode = lock.Read
	held, l, err := d.hold(ctx, request)
	if err != nil {
		return ctx, nil, err
	}
	return held, &SharedLease{l}, nil
}

// hold takes the lock and begins to renew it.
func (d *Database) hold(ctx context.Context, request lock.Request) (context.Context, *heldLock, error) {
	began := time.Now()
	own, err := d.takeLock(ctx, request)
	if canPreempt(request, err) {
		own, began, err = d.preempt(ctx, request)
	}
	if err != nil {
		return ctx, nil, err
	}
	held, lose := context.WithCancelCause(ctx)
	renewing, stop := context.WithCancel(ctx)
	l := &heldLock{d: d, own: own, began: began, lose: lose, stop: stop}
	l.done.Go(func() { l.renew(renewing) })
	return held, l, nil
}

func (d *Database) takeLock(ctx context.Context, request lock.Request) (own lock.Record, err error) {
	seen, now, err := d.lockRecords(ctx, request.Scope)
	if err != nil {
		return own, err
	}
	if by := request.Blocking(seen, "", now); by != nil {
		return own, &lock.HeldError{By: *by}
	}
	own = request.Next(seen, bson.NewObjectID().Hex(), now)
	if err = d.claim(ctx, request, own); err == nil {
		err = d.forget(ctx, append(expired(seen, now), request.Left(seen, own.ID)...))
	}
	switch {
	case mongo.IsDuplicateKeyError(err): // another was first
		return d.takeLock(ctx, request)
	case err != nil:
		d.unlock(ctx, own) // it may be there, even where the insert seems to have failed
	}
	return own, err
}

// claim inserts own, and looks whether nothing else is in its way.
func (d *Database) claim(ctx context.Context, request lock.Request, own lock.Record) error {
	if err := d.insertLock(ctx, own); err != nil {
		return fmt.Errorf("take the lock of %s: %w", request.Scope, err)
	}
	records, now, err := d.lockRecords(ctx, request.Scope)
	if err != nil {
		return err
	}
	if by := request.Blocking(records, own.ID, now); by != nil {
		return &lock.HeldError{By: *by}
	}
	return nil
}

func (d *Database) insertLock(ctx context.Context, record lock.Record) error {
	return connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := d.locks().InsertOne(ctx, record)
		return connection.Explain(err)
	})
}

func (d *Database) locks() *mongo.Collection { return d.reader.db.Collection(LocksCollection) }

// lockRecords are the records of a scope, and the server's clock: a pod's own may be wrong.
func (d *Database) lockRecords(ctx context.Context, scope string) (records []lock.Record, now time.Time, err error) {
	now, err = d.reader.Time(ctx)
	if err != nil {
		return nil, now, err
	}
	cursor, err := d.locks().Find(ctx, bson.D{{Key: "scope", Value: scope}})
	if err == nil {
		err = cursor.All(ctx, &records)
	}
	if err != nil {
		return nil, now, fmt.Errorf("read the locks of %s: %w", scope, err)
	}
	return records, now, nil
}

// IsHeld tells whether a run of a task holds the lock of this database, alone or with others.
func (r *Reader) IsHeld(ctx context.Context, run, task string) (bool, error) {
	records, now, err := (&Database{r}).lockRecords(ctx, lock.DatabaseScope(r.Name()))
	return slices.ContainsFunc(records, func(l lock.Record) bool {
		return l.Run == run && l.Task == task && !l.Waiting && l.ExpiresAt.After(now)
	}), err
}

func expired(records []lock.Record, now time.Time) (list []lock.Record) {
	for _, r := range records {
		if !r.ExpiresAt.After(now) {
			list = append(list, r)
		}
	}
	return list
}

// forget removes records of which nobody may hold the lock any more.
func (d *Database) forget(ctx context.Context, records []lock.Record) error {
	for _, r := range records {
		err := connection.Confirm(ctx, func(ctx context.Context) error {
			_, err := d.locks().DeleteOne(ctx, this(r))
			return err
		})
		if err != nil {
			return fmt.Errorf("remove an old lock: %w", err)
		}
	}
	return nil
}

// this matches one record and never a later one that took over its _id.
func this(r lock.Record) bson.D {
	return bson.D{{Key: "_id", Value: r.ID}, {Key: "nonce", Value: r.Nonce}}
}

// unlockTries is how often a lock is given back while the server has a fault that passes.
const unlockTries = 3

// unlock works also when the run's own context has ended.
func (d *Database) unlock(ctx context.Context, own lock.Record) {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	var err error
	for range unlockTries {
		if _, err = d.locks().DeleteOne(closing, this(own)); err == nil || !connection.MayPass(err) {
			break
		}
	}
	if err != nil {
		d.reader.conn.Log().Warn("the lock was not released; it expires by itself", "error", err, "after", lock.TTL)
	}
}
