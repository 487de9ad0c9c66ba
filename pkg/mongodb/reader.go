package mongodb

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Reader reads one connected database: no method of it sends a command that writes. Its methods may be called from
// several goroutines.
type Reader struct {
	conn  *connection.Connection
	db    *mongo.Database
	facts connection.Facts
	reads *readpref.ReadPref // those of db

	folding *folding
}

func newReader(c *connection.Connection) *Reader {
	return &Reader{conn: c, db: c.DB(), facts: c.Facts(), reads: readpref.Primary(),
		folding: &folding{known: map[string]bool{}}}
}

// Name is the database's name.
func (r *Reader) Name() string { return r.db.Name() }

// Facts are what was found out about the server when the connection was made.
func (r *Reader) Facts() connection.Facts { return r.facts }

// Connection is for the packages below this one, which alone can name the key.
func (r *Reader) Connection(driver.Key) *connection.Connection { return r.conn }

// Time is the server's clock. Ages and grace periods count by it: a pod's own clock may be wrong.
func (r *Reader) Time(ctx context.Context) (time.Time, error) { return r.conn.Time(ctx) }

// FromSecondary is a Reader whose reads go to a secondary, where there is one, which may lag behind: what it finds is
// to be confirmed by a look at the primary.
func (r *Reader) FromSecondary() *Reader {
	other := *r
	other.db, other.reads = r.conn.SecondaryDB(), readpref.SecondaryPreferred()
	other.facts.OwnGetMore = false // a bare command goes to the primary, and there may be several secondaries
	return &other
}

// Members are those of the replica set, the primary last; see connection.Members.
func (r *Reader) Members(ctx context.Context) ([]connection.Member, error) {
	return r.conn.Members(ctx)
}

// At is a Reader of what one member of the replica set has, whatever its role. Close ends its connections.
func (r *Reader) At(ctx context.Context, member string) (at *Reader, closing func(context.Context), err error) {
	c, err := r.conn.To(ctx, member)
	if err != nil {
		return nil, nil, err
	}
	return newReader(c), func(ctx context.Context) { _ = c.Close(ctx) }, nil
}
