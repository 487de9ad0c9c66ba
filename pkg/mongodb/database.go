package mongodb

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// Options say where the database is and who connects.
type Options struct {
	// URI is the connection string, a secret.
	URI string
	// Name is the database; empty: the one that the URI names, else jobspec.DefaultDatabase.
	Name string
	// AppName is what the server's own log and currentOp show for this program; empty: DefaultAppName.
	AppName string
	// Timeout bounds connecting, retries included; 0: DefaultConnectTimeout.
	Timeout time.Duration
	// Log gets one line for each retry; nil: none.
	Log *slog.Logger
	// Monitor is called with every command before it is sent, on the goroutine that sends it; nil: not called.
	Monitor func(Command)
}

// Command is one command on its way to the server.
type Command struct {
	Name     string // insert, update, find, getMore, ...
	Database string
	Document bson.Raw // valid during the call only
}

// Defaults of Options.
const (
	DefaultAppName        = "ucorefs-maintenance"
	DefaultConnectTimeout = 2 * time.Minute
)

// Database is the connection to one database: it gives a Reader to anybody, and a Writer to whoever holds its lock
// alone. Its methods may be called from several goroutines.
type Database struct {
	reader *Reader
	log    *slog.Logger
}

// Name is the database's name.
func (d *Database) Name() string { return d.reader.Name() }

// Facts are what was found out about the server when the connection was made.
func (d *Database) Facts() Facts { return d.reader.facts }

// Reader is what reads the database. It needs no lock.
func (d *Database) Reader() *Reader { return d.reader }

// Close ends all connections, or gives up when its context ends. Give it one that is still alive.
//
// The driver's Disconnect looks at its context for connections that are in use only: now and then it waits for a monitor that
// has just begun to connect to a server that does not answer, for as long as a connection may take. So it is not waited for.
func (d *Database) Close(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- d.reader.client.Disconnect(ctx) }()
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

// Connect opens the database: it parses the URI (*URIError), tries until a server answers or the time is over
// (*UnreachableError), and stops at once where the server rejects the credentials (*AuthenticationError).
func Connect(ctx context.Context, o Options) (*Database, error) {
	o = o.withDefaults()
	if err := checkURI(o.URI); err != nil {
		return nil, err
	}
	name, err := databaseName(o)
	if err != nil {
		return nil, err
	}
	own := &ownOperations{open: map[int64]operations{}}
	client, err := newClient(o, own)
	if err != nil {
		return nil, err
	}
	d := &Database{reader: &Reader{client: client, db: client.Database(name), own: own}, log: o.Log}
	if d.reader.facts, err = d.reach(ctx, o); err != nil {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = d.Close(closing) // the error that matters is the first
		return nil, err
	}
	return d, nil
}

func (o Options) withDefaults() Options {
	if o.AppName == "" {
		o.AppName = DefaultAppName
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultConnectTimeout
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// tryTimeout is how long one try to connect waits for a server; the retries around it are ours, so that each can be logged.
// electionTimeout is how long a command waits, later, while a replica set elects a new primary.
const (
	tryTimeout      = 5 * time.Second
	electionTimeout = 30 * time.Second
)

// newClient makes a client that reads from the primary and writes to a majority, whatever the connection string says: a lock seen on
// a secondary that lags is no lock, a record missing there is not gone, and an unacknowledged journal is none.
func newClient(o Options, own *ownOperations) (*mongo.Client, error) {
	c := options.Client().ApplyURI(o.URI).SetAppName(o.AppName).
		SetReadPreference(readpref.Primary()).SetWriteConcern(writeconcern.Majority()).
		SetServerSelectionTimeout(electionTimeout).SetConnectTimeout(tryTimeout).SetMonitor(own.monitor(o.Monitor))
	client, err := mongo.Connect(c)
	if err != nil {
		return nil, &URIError{Hint: "its options contradict each other or name a file that cannot be read"}
	}
	return client, nil
}

func databaseName(o Options) (string, error) {
	if o.Name != "" {
		return o.Name, nil
	}
	switch name := uriDatabase(o.URI); {
	case name == "":
		return jobspec.DefaultDatabase, nil
	case jobspec.IsDatabaseName(name):
		return name, nil
	}
	return "", &URIError{Hint: "the database that it names is none: use " + jobspec.DatabaseNameRule}
}
