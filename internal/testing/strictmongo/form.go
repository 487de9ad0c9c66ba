package strictmongo

import (
	"cmp"
	"os"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Form is which server it is.
type Form int

// The forms.
const (
	Standalone Form = iota
	ReplicaSet
	Mongos
	// AtlasShared is Atlas's free and shared tiers: a replica set behind a proxy that refuses commands with 8000.
	// https://www.mongodb.com/docs/atlas/unsupported-commands/
	AtlasShared
	// DocumentDB is Amazon's: a replica set that has no retryable writes and no collation of its own.
	// https://docs.aws.amazon.com/documentdb/latest/developerguide/functional-differences.html
	DocumentDB
	// FerretDB2 is FerretDB 2 on the DocumentDB extension of PostgreSQL. https://docs.ferretdb.io/
	FerretDB2
)

// Forms are all forms.
var Forms = []Form{Standalone, ReplicaSet, Mongos, AtlasShared, DocumentDB, FerretDB2}

func (f Form) String() string {
	return [...]string{"standalone", "replica set", "mongos", "Atlas shared tier", "Amazon DocumentDB", "FerretDB 2"}[f]
}

func (f Form) replicaSet() bool { return f == ReplicaSet || f == AtlasShared || f == DocumentDB }

// retries tells whether transaction numbers are known.
func (f Form) retries() bool { return f.replicaSet() || f == Mongos }

// refuses is what a form refuses before it looks at the command.
func (f Form) refuses(r *request) error {
	switch {
	case f == AtlasShared && (r.name == "compact" || r.name == "top" || r.name == "validate"):
		return atlasError.is("%s is not allowed or the syntax is incorrect, see the Atlas documentation for more information",
			r.name)
	case f == DocumentDB && r.body.Lookup("txnNumber").Type != 0:
		return code{301, "RetryableWritesNotSupported"}.is("Retryable writes are not supported")
	case f == DocumentDB && namesCollation(r.body): // until 8.0, https://github.com/mingo-app/mingo/issues/575
		return featureNotSupported.is("option collation is not currently supported")
	case f == DocumentDB && r.body.Lookup("commitQuorum").Type != 0:
		return failedToParse.is("Unrecognized field: 'commitQuorum'")
	case f == DocumentDB && r.body.Lookup("filter", "$expr").Type != 0: // as its elastic clusters do
		return featureNotSupported.is("Feature not supported: $expr")
	case f == DocumentDB && r.name == "compact":
		return featureNotSupported.is("Feature not supported: compact")
	case f == Mongos && r.name == "compact": // https://www.mongodb.com/docs/manual/reference/command/compact/#sharded-clusters
		return commandNotFound.is("no such command: 'compact'")
	}
	return nil
}

// namesCollation tells whether a command or an operation of a bulk names a collation.
func namesCollation(body bson.Raw) bool {
	named := func(op bson.RawValue) bool { return op.Document().Lookup("collation").Type != 0 }
	return body.Lookup("collation").Type != 0 || slices.ContainsFunc(items(body.Lookup("updates")), named) ||
		slices.ContainsFunc(items(body.Lookup("deletes")), named)
}

func isGreeting(name string) bool { return name == "hello" || name == "isMaster" || name == "ismaster" }

// greet is https://www.mongodb.com/docs/manual/reference/command/hello/
func (s *Server) greet(r *request) []byte {
	if name := text(r.body.Lookup("client", "application", "name")); name != "" {
		r.client.appName = name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := bson.D{
		{Key: "helloOk", Value: true}, {Key: "ismaster", Value: !r.secondary()}, {Key: "isWritablePrimary",
			Value: !r.secondary()},
		{Key: "maxBsonObjectSize", Value: int32(MaxDocument)}, {Key: "maxMessageSizeBytes", Value: int32(MaxMessage)},
		{Key: "maxWriteBatchSize", Value: int32(maxWriteBatch)}, {Key: "localTime", Value: time.Now().Add(s.o.Ahead).UTC()},
		{Key: "logicalSessionTimeoutMinutes", Value: int32(30)}, {Key: "connectionId", Value: int32(1)},
		{Key: "minWireVersion", Value: int32(0)}, {Key: "maxWireVersion", Value: cmp.Or(s.o.WireVersion,
			s.o.Form.wireVersion())}, {Key: "readOnly", Value: false},
	}
	switch {
	case s.o.Form == Mongos:
		d = append(d, bson.E{Key: "msg", Value: "isdbgrid"})
	case s.o.Form.replicaSet():
		d = append(d, r.set()...)
	}
	return marshal(append(d, bson.E{Key: "ok", Value: 1.0}))
}

func (f Form) wireVersion() int32 {
	if f == DocumentDB {
		return 13 // 5.0
	}
	return 21 // 7.0
}

// buildInfo is https://www.mongodb.com/docs/manual/reference/command/buildInfo/
func buildInfo(r *request) (bson.D, error) {
	version := map[Form]string{DocumentDB: "5.0.0", FerretDB2: "7.0.77"}[r.server.o.Form]
	if version == "" {
		version = "7.0.14"
	}
	if r.server.o.Version != "" {
		version = r.server.o.Version
	}
	d := bson.D{{Key: "version", Value: version}, {Key: "maxBsonObjectSize", Value: int32(MaxDocument)}}
	if r.server.o.Form == FerretDB2 {
		d = append(d, bson.E{Key: "ferretdb", Value: bson.D{{Key: "version", Value: "v2.7.0"}}})
	}
	return d, nil
}

// serverStatus is https://www.mongodb.com/docs/manual/reference/command/serverStatus/: of it, what counts the clients'
// commands.
func serverStatus(r *request) (bson.D, error) {
	counts := bson.D{}
	for name, n := range r.server.counted {
		counts = append(counts, bson.E{Key: name, Value: bson.D{{Key: "failed", Value: int64(0)}, {Key: "total", Value: n}}})
	}
	host, _ := os.Hostname()
	return bson.D{
		{Key: "host", Value: host}, {Key: "version", Value: "7.0.14"}, {Key: "process", Value: "mongod"},
		{Key: "pid", Value: int64(os.Getpid())},
		{Key: "metrics", Value: bson.D{{Key: "commands", Value: counts}}},
	}, nil
}

// text is a string, or empty.
func text(v bson.RawValue) string {
	s, _ := v.StringValueOK()
	return s
}
