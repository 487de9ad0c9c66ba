package connection

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"ucorefs.io/maintenance/pkg/throttle"
)

// Connection is one connected database. Its methods may be called from several goroutines.
type Connection struct {
	options Options // with which it was made, defaults included
	client  *mongo.Client
	db      *mongo.Database
	facts   Facts
	own     *ownOperations
	log     *slog.Logger

	throttle   *throttle.Throttle
	compatible *compatibility
	// timeoutMS tells that the connection string bounds each command, which the driver does by a maxTimeMS. MongoDB
	// refuses that with getMore, unless it is the driver's own.
	timeoutMS bool
}

// Connect opens the database: it parses the URI (*URIError), tries until a server answers or the time is over
// (*UnreachableError), and stops at once where the server rejects the credentials (*AuthenticationError).
func Connect(ctx context.Context, o Options) (*Connection, error) {
	o = o.withDefaults()
	if err := checkURI(o.URI); err != nil {
		return nil, err
	}
	name, err := databaseName(o)
	if err != nil {
		return nil, err
	}
	own := &ownOperations{open: map[int64]Operations{}}
	compatible := &compatibility{}
	client, timeoutMS, err := newClient(o, own, compatible)
	if err != nil {
		return nil, err
	}
	c := &Connection{
		options: o, client: client, db: client.Database(name), own: own, log: o.Log,
		throttle: o.Throttle, compatible: compatible, timeoutMS: timeoutMS,
	}
	if c.facts, err = c.reach(ctx, o); err != nil {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = c.Close(closing) // the error that matters is the first
		return nil, err
	}
	return c, nil
}

// DB is the driver's handle of the database.
func (c *Connection) DB() *mongo.Database { return c.db }

// Session is a session of its own, for one cursor with Facts.OwnGetMore. Reads in it wait for no others.
func (c *Connection) Session() (*mongo.Session, error) {
	return c.client.StartSession(options.Session().SetCausalConsistency(false))
}

// SecondaryDB is DB whose reads go to a secondary, where there is one.
func (c *Connection) SecondaryDB() *mongo.Database {
	return c.client.Database(c.db.Name(), options.Database().SetReadPreference(readpref.SecondaryPreferred()))
}

// Facts are what was found out about the server when the connection was made.
func (c *Connection) Facts() Facts { return c.facts }

// Throttle is asked before documents are taken; nil: nothing is limited.
func (c *Connection) Throttle() *throttle.Throttle { return c.throttle }

// Log gets what the connection has to say.
func (c *Connection) Log() *slog.Logger { return c.log }

// Time is the server's clock. Ages and grace periods count by it: a pod's own clock may be wrong.
func (c *Connection) Time(ctx context.Context) (time.Time, error) {
	h, err := c.hello(ctx)
	return h.LocalTime.UTC(), err
}

// Run gives one command on a collection. What the server refuses is a *RefusedError; a lost connection is not.
func (c *Connection) Run(ctx context.Context, collection string, command bson.D, reply any) error {
	err := Again(ctx, func() error { return c.db.RunCommand(ctx, command).Decode(reply) })
	return Refused(ctx, command[0].Key, collection, err)
}

// Close ends all connections, or gives up when its context ends. Give it one that is still alive.
//
// The driver's Disconnect looks at its context for connections that are in use only: now and then it waits for a
// monitor that has just begun to connect to a server that does not answer, for as long as a connection may take. So it
// is not waited for.
func (c *Connection) Close(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- c.client.Disconnect(ctx) }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("close the database connection: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the database connection: %w", ctx.Err())
	}
}
