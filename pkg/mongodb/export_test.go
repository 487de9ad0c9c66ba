package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// With is d as if its server were such a one.
func (d *Database) With(change func(*Facts)) *Database {
	other := &Database{client: d.client, db: d.db, facts: d.facts, log: d.log, own: d.own}
	change(&other.facts)
	return other
}

// TryRenew is what the renewal does every lock.RenewEvery.
func (l *Lease) TryRenew(ctx context.Context) bool { return l.tryRenew(ctx) }

// MakeWay is what the holder does at every look for wishes.
func (l *Lease) MakeWay(ctx context.Context) { l.makeWay(ctx) }

// Total is what an answer of serverStatus counts.
func Total(status bson.Raw) (n int64, commands, known bool) { return total(status) }

// Weigh is how a command is counted.
func Weigh(name string, command bson.Raw) (commands, statements int64) {
	o := weigh(name, command)
	return o.commands, o.statements
}

// Forget lets the meter believe that another server answered before.
func (m *Meter) Forget(server string) { m.last.server = server }
