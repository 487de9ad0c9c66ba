package mongodb

import (
	"context"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// With is r as if its server were such a one.
func (r *Reader) With(change func(*connection.Facts)) *Reader {
	other := *r
	change(&other.facts)
	return &other
}

// TryRenew is what the renewal does every lock.RenewEvery.
func (l *heldLock) TryRenew(ctx context.Context) bool { return l.tryRenew(ctx) }

// YieldIfAsked is what the holder does at every look for wishes.
func (l *heldLock) YieldIfAsked(ctx context.Context) { l.yieldIfAsked(ctx) }
