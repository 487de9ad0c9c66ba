package connection

import (
	"context"
	"log/slog"
	"net"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/throttle"
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
	// Throttle limits what is read and written, and learns how long the answers take; nil: nothing is limited.
	Throttle *throttle.Throttle
	// Dial takes the place of the network; nil: TCP.
	Dial Dial

	member string // the one host to connect to, whatever the URI says; empty: those of the URI
}

// Dial connects to a server.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// DialContext implements options.ContextDialer.
func (d Dial) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
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

// tryTimeout is how long one try to connect waits for a server; the retries around it are ours, so that each can be
// logged. electionTimeout is how long a command waits, later, while a replica set elects a new primary.
const (
	tryTimeout      = 5 * time.Second
	electionTimeout = 30 * time.Second
)

// newClient makes a client that reads from the primary what a majority has, and writes to a majority, whatever the
// connection string says: a lock seen on a secondary that lags is no lock, a record missing there is not gone, what one
// member alone has may be rolled back, and an unacknowledged journal is none.
func newClient(o Options, own *ownOperations, compatible *compatibility) (client *mongo.Client, timeoutMS bool,
	err error) {
	c := clientOptions(o).SetAppName(o.AppName).
		SetReadPreference(readpref.Primary()).SetReadConcern(readconcern.Majority()).SetWriteConcern(writeconcern.Majority()).
		SetServerSelectionTimeout(electionTimeout).SetConnectTimeout(tryTimeout).SetMonitor(own.monitor(o.Monitor,
		o.Throttle)).
		SetServerMonitor(compatible.monitor())
	if o.Dial != nil {
		c.SetDialer(o.Dial)
	}
	if !retriesWrites(c.Hosts) {
		c.SetRetryWrites(false)
	}
	if client, err = mongo.Connect(c); err != nil {
		return nil, false, &URIError{Hint: "its options contradict each other or name a file that cannot be read"}
	}
	return client, c.Timeout != nil, nil
}

// clientOptions are those of the connection string, or those of a direct connection to one member. What a name of
// mongodb+srv adds to the connection string holds for the member, too.
func clientOptions(o Options) *options.ClientOptions {
	c := options.Client().ApplyURI(o.URI)
	if o.member == "" {
		return c
	}
	m := options.Client().ApplyURI(memberURI(o.URI, o.member)).SetDirect(true)
	m.Auth, m.TLSConfig, m.ReplicaSet = c.Auth, c.TLSConfig, c.ReplicaSet
	return m
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
