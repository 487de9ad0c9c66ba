package mongodb

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// Reader reads one connected database: no method of it sends a command that writes. Its methods may be called from
// several goroutines.
type Reader struct {
	conn  *connection.Connection
	db    *mongo.Database
	facts connection.Facts
}

// Name is the database's name.
func (r *Reader) Name() string { return r.db.Name() }

// Facts are what was found out about the server when the connection was made.
func (r *Reader) Facts() connection.Facts { return r.facts }

// Connection is for the packages below this one, which alone can name the key.
func (r *Reader) Connection(driver.Key) *connection.Connection { return r.conn }

// Time is the server's clock. Ages and grace periods count by it: a pod's own clock may be wrong.
func (r *Reader) Time(ctx context.Context) (time.Time, error) { return r.conn.Time(ctx) }
