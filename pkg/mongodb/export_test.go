package mongodb

import "context"

// With is d as if its server were such a one.
func (d *Database) With(change func(*Facts)) *Database {
	other := &Database{client: d.client, db: d.db, facts: d.facts, log: d.log}
	change(&other.facts)
	return other
}

// TryRenew is what the renewal does every lock.RenewEvery.
func (l *Lease) TryRenew(ctx context.Context) bool { return l.tryRenew(ctx) }

// MakeWay is what the holder does at every look for wishes.
func (l *Lease) MakeWay(ctx context.Context) { l.makeWay(ctx) }
