package mongodb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/lock"
)

// tryAgain is how often a run that asked for the lock tries to take it.
const tryAgain = time.Second

// canPreempt tells whether all who kept a request from its lock will make way for it.
func canPreempt(request lock.Request, err error) bool {
	var held *lock.HeldError
	return request.Asks && errors.As(err, &held) && held.By.Yields
}

// preempt asks the holders to yield, and takes the lock when they have; began is from before it did. Asking is
// inserting a document, as taking is, and no holder's record is touched for it.
func (d *Database) preempt(ctx context.Context, request lock.Request) (own lock.Record, began time.Time, err error) {
	now, err := d.reader.Time(ctx)
	if err != nil {
		return own, began, err
	}
	wait := request.Wait(bson.NewObjectID().Hex(), now)
	defer d.unlock(ctx, wait) // it may be there, even where the insert seems to have failed
	if err := d.insertLock(ctx, wait); err != nil {
		return own, began, fmt.Errorf("ask for the lock of %s: %w", request.Scope, err)
	}
	return d.takeWhenFree(ctx, request)
}

// takeWhenFree tries for as long as the request waits.
func (d *Database) takeWhenFree(ctx context.Context, request lock.Request) (own lock.Record, began time.Time,
	err error) {
	enough := time.After(request.Waits())
	tick := time.NewTicker(tryAgain)
	defer tick.Stop()
	for {
		began = time.Now()
		own, err = d.takeLock(ctx, request)
		var held *lock.HeldError
		if !errors.As(err, &held) || !held.By.Yields {
			return own, began, err
		}
		select {
		case <-ctx.Done():
			return own, began, ctx.Err()
		case <-enough:
			held.Asked = true
			return own, began, held
		case <-tick.C:
		}
	}
}

// yieldIfAsked ends the run's context where another asks for the lock. The lock stays renewed until the run releases
// it, at its next safe point. What cannot be read now is looked at again the next time.
func (l *heldLock) yieldIfAsked(ctx context.Context) {
	if !l.own.Yields {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lock.LookEvery)
	defer cancel()
	records, now, err := l.d.lockRecords(ctx, l.own.Scope)
	if err != nil {
		l.d.reader.conn.Log().Debug("look for runs that ask for the lock", "error", err)
		return
	}
	if asking := l.own.Asking(records, now); asking != nil {
		l.lose(&lock.YieldError{To: *asking})
	}
}
