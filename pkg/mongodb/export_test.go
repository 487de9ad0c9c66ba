package mongodb

import "context"

// With is d as if its server were such a one.
func (d *Database) With(change func(*Facts)) *Database {
	other := *d
	change(&other.facts)
	return &other
}

// TryRenew is what the renewal does at every tick.
func (l *Lease) TryRenew(ctx context.Context) bool { return l.tryRenew(ctx) }
