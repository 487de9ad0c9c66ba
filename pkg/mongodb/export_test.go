package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// With is r as if its server were such a one.
func (r *Reader) With(change func(*Facts)) *Reader {
	other := *r
	change(&other.facts)
	return &other
}

// TryRenew is what the renewal does every lock.RenewEvery.
func (l *heldLock) TryRenew(ctx context.Context) bool { return l.tryRenew(ctx) }

// MakeWay is what the holder does at every look for wishes.
func (l *heldLock) MakeWay(ctx context.Context) { l.makeWay(ctx) }

// Total is what an answer of serverStatus counts.
func Total(status bson.Raw) (n int64, commands, known bool) { return total(status) }

// Weigh is how a command is counted.
func Weigh(name string, command bson.Raw) (commands, statements int64) {
	o := weigh(name, command)
	return o.commands, o.statements
}

// Forget lets the meter believe that another server answered before.
func (m *Meter) Forget(server string) { m.last.server = server }
