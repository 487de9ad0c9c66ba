package mongodb

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/lock"
)

// heldLock is a lock that is held, and renewed until Release.
type heldLock struct {
	d    *Database
	own  lock.Record
	lose context.CancelCauseFunc // ends the run's context
	stop context.CancelFunc      // ends the renewal
	done sync.WaitGroup
	// renewed is when the server last had the record extended, in nanoseconds since began, which a change of the wall
	// clock does not touch.
	began   time.Time
	renewed atomic.Int64
}

// Release gives the lock back.
func (l *heldLock) Release(ctx context.Context) {
	l.stop()
	l.done.Wait()
	l.d.unlock(ctx, l.own)
}

// renew extends the lock until its context ends, or until it is lost, and looks for runs that ask for it meanwhile.
func (l *heldLock) renew(ctx context.Context) {
	defer l.lose(nil)
	tick, look := time.NewTicker(lock.RenewEvery), time.NewTicker(lock.LookEvery)
	defer tick.Stop()
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			l.yieldIfAsked(ctx)
		case <-tick.C:
			if !l.tryRenew(ctx) {
				return
			}
		}
	}
}

// tryRenew extends the lock once. It is false, and the run's context has ended, when the record is gone, or when the
// lock might expire before the next try.
func (l *heldLock) tryRenew(ctx context.Context) bool {
	began := time.Since(l.began)
	found, err := l.extend(ctx)
	switch {
	case ctx.Err() != nil:
		return false
	case err == nil && found:
		l.renewed.Store(int64(began))
		return true
	case err == nil || l.age() > lock.TTL-lock.RenewEvery:
		l.lose(ErrLockLost)
		return false
	}
	return true
}

// age is how long ago the lock was renewed last.
func (l *heldLock) age() time.Duration { return time.Since(l.began) - time.Duration(l.renewed.Load()) }

// extend tells whether the record was still there, and alive: an expired one may have been passed over already.
func (l *heldLock) extend(ctx context.Context) (found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lock.RenewEvery)
	defer cancel()
	now, err := l.d.reader.Time(ctx)
	if err != nil {
		return false, err
	}
	alive := append(this(l.own), bson.E{Key: "expires_at", Value: bson.D{{Key: "$gt", Value: now}}})
	set := bson.D{{Key: "$set", Value: bson.D{{Key: "expires_at", Value: now.Add(lock.TTL)}}}}
	result, err := l.d.locks().UpdateOne(ctx, alive, set)
	if err != nil {
		return false, err
	}
	return result.MatchedCount == 1, nil
}

// stillHeld is asked before each batch of writes: it is ErrLockLost, and the run's context has ended, where the run
// has its lock no longer, be it lost or released.
func (l *heldLock) stillHeld(ctx context.Context) error {
	err := l.d.locks().FindOne(ctx, this(l.own)).Err()
	if errors.Is(err, mongo.ErrNoDocuments) || err == nil && l.age() > lock.TTL {
		l.lose(ErrLockLost)
		return ErrLockLost
	}
	return err
}
