package mongodb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/lock"
)

// ErrLockLost is the cause with which a run's context ends when its lock could not be renewed.
var ErrLockLost = errors.New("the lock could not be renewed in time: another run may hold it now")

// Lease is a held lock, renewed until Release.
type Lease struct {
	d    *Database
	id   string
	stop context.CancelFunc
	done sync.WaitGroup
}

// Lock takes the lock, or answers *lock.HeldError. The context that comes back ends with ErrLockLost when the lock is lost; the
// run must use it for every write.
//
// Taking it is inserting a document whose _id is unique, then looking again: whoever finds another live record beside its own
// steps back. Of two who insert at the same time at least one sees the other, so never two hold it; both may step back. Inserting
// is the one atomic step that every server has: compare-and-set is not atomic on FerretDB 1.
func (d *Database) Lock(ctx context.Context, request lock.Request) (context.Context, *Lease, error) {
	own, err := d.takeLock(ctx, request)
	if err != nil {
		return ctx, nil, err
	}
	lease := &Lease{d: d, id: own}
	held, cancel := context.WithCancelCause(ctx)
	renewing, stop := context.WithCancel(ctx)
	lease.stop = stop
	lease.done.Go(func() { lease.renew(renewing, cancel) })
	return held, lease, nil
}

func (d *Database) takeLock(ctx context.Context, request lock.Request) (id string, err error) {
	records, now, err := d.lockRecords(ctx, request.Scope)
	if err != nil {
		return "", err
	}
	if by := request.Blocking(records, "", now); by != nil {
		return "", &lock.HeldError{By: *by}
	}
	own := request.Next(records, bson.NewObjectID().Hex(), now)
	_, err = d.locks().InsertOne(ctx, own)
	if err != nil && !mongo.IsDuplicateKeyError(err) {
		return "", fmt.Errorf("take the lock of %s: %w", request.Scope, err)
	}
	wasFirst := err == nil
	records, now, err = d.lockRecords(ctx, request.Scope)
	if err != nil {
		return "", err
	}
	by := request.Blocking(records, own.ID, now)
	if !wasFirst && by == nil {
		by = &own // the one who was first has let go again already: the next try will do
	}
	if wasFirst && by == nil {
		return own.ID, d.forgetExpired(ctx, records, now)
	}
	if wasFirst {
		d.unlock(ctx, own.ID)
	}
	return "", &lock.HeldError{By: *by}
}

func (d *Database) locks() *mongo.Collection { return d.db.Collection(LocksCollection) }

// lockRecords are the records of a scope, and the server's clock: a pod's own may be wrong.
func (d *Database) lockRecords(ctx context.Context, scope string) (records []lock.Record, now time.Time, err error) {
	h, err := d.hello(ctx)
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
	return records, h.LocalTime, nil
}

func (d *Database) forgetExpired(ctx context.Context, records []lock.Record, now time.Time) error {
	for _, r := range records {
		if r.ExpiresAt.After(now) {
			continue
		}
		if _, err := d.locks().DeleteOne(ctx, bson.D{{Key: "_id", Value: r.ID}}); err != nil {
			return fmt.Errorf("remove an expired lock: %w", err)
		}
	}
	return nil
}

// unlock works also when the run's own context has ended.
func (d *Database) unlock(ctx context.Context, id string) {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if _, err := d.locks().DeleteOne(closing, bson.D{{Key: "_id", Value: id}}); err != nil {
		d.log.Warn("the lock was not released; it expires by itself", "error", err, "after", lock.TTL)
	}
}

// renew extends the lock until its context ends, and cancels the run when the record is gone or TTL has passed without success.
func (l *Lease) renew(ctx context.Context, cancel context.CancelCauseFunc) {
	defer cancel(nil)
	tick := time.NewTicker(lock.RenewEvery)
	defer tick.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		began := time.Now()
		found, err := l.extend(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && found:
			renewed = began
		case err == nil || time.Since(renewed) > lock.TTL-lock.RenewEvery:
			cancel(ErrLockLost)
			return
		}
	}
}

// extend tells whether the record was still there.
func (l *Lease) extend(ctx context.Context) (found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lock.RenewEvery)
	defer cancel()
	h, err := l.d.hello(ctx)
	if err != nil {
		return false, err
	}
	set := bson.D{{Key: "$set", Value: bson.D{{Key: "expires_at", Value: h.LocalTime.Add(lock.TTL)}}}}
	result, err := l.d.locks().UpdateOne(ctx, bson.D{{Key: "_id", Value: l.id}}, set)
	if err != nil {
		return false, err
	}
	return result.MatchedCount == 1, nil
}

// Release gives the lock back.
func (l *Lease) Release(ctx context.Context) {
	l.stop()
	l.done.Wait()
	l.d.unlock(ctx, l.id)
}
