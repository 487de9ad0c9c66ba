package connection

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Topology is how the server is deployed.
type Topology string

// The topologies.
const (
	Standalone Topology = "standalone"
	ReplicaSet Topology = "replica set"
	Sharded    Topology = "sharded"
)

// Facts are what the server is, and what follows from it. They are found out once; whoever must treat servers
// differently asks here and nowhere else.
type Facts struct {
	Version  string // as the server reports it, such as 7.0.12
	FerretDB string // FerretDB's own version, else empty
	Topology Topology
	Primary  bool // the member that answered takes writes

	// MaxUpdates and MaxDeletes are how many operations one update or delete command may carry.
	MaxUpdates, MaxDeletes int
	// MaxInserts is how many documents one insert command may carry.
	MaxInserts int
	// MaxStatement is how many bytes of values one update or delete of a command may carry, with room for the rest of it.
	MaxStatement int
	// PageByID tells to read a large collection in pages by _id, since a cursor dies with its session after 30 minutes.
	// FerretDB 1 would scan and sort everything for each page; there one cursor reads all.
	PageByID bool
	// MaxCursors is how many cursors may read one collection at a time, each another range of _id. FerretDB 1 looks
	// through everything for a range, and FerretDB 2 sorts all behind its beginning.
	MaxCursors int
	// OwnGetMore tells that whoever has a session may ask for the next documents of its cursors by commands of their own:
	// these all reach the server that has the cursors. One mongos does not know the cursors of another, and behind a load
	// balancer nobody knows which one answers.
	OwnGetMore bool
	// ScansForConditions tells that the server looks through the whole collection for each write whose filter has more
	// than an _id.
	ScansForConditions bool
}

// findFacts asks the server.
func (c *Connection) findFacts(ctx context.Context) (Facts, error) {
	var build buildInfo
	admin := c.client.Database("admin")
	if err := admin.RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&build); err != nil {
		return Facts{}, fmt.Errorf("ask the server for its version: %w", err)
	}
	h, err := c.hello(ctx)
	if err != nil {
		return Facts{}, err
	}
	f := decideFacts(build.Version, build.ferretDB(), h)
	f.OwnGetMore = f.OwnGetMore && !c.timeoutMS
	return f, nil
}

// buildInfo is how a server names its version, and FerretDB its own.
type buildInfo struct {
	Version   string `bson:"version"`
	FerretDB1 string `bson:"ferretdbVersion"`
	FerretDB2 struct {
		Version string `bson:"version"`
	} `bson:"ferretdb"`
}

func (b buildInfo) ferretDB() string { return cmp.Or(b.FerretDB1, b.FerretDB2.Version) }

// hello is what the tasks' world needs of the server's greeting.
type hello struct {
	SetName   string    `bson:"setName"`
	Hosts     []string  `bson:"hosts"`
	Passives  []string  `bson:"passives"` // members that cannot become the primary
	PrimaryAt string    `bson:"primary"`
	Msg       string    `bson:"msg"` // "isdbgrid" on mongos
	Writable  bool      `bson:"isWritablePrimary"`
	IsMaster  bool      `bson:"ismaster"`
	LocalTime time.Time `bson:"localTime"`
	// Sessions is how many minutes a session lives; a server without sessions does not say it.
	Sessions bson.RawValue `bson:"logicalSessionTimeoutMinutes"`
}

func (c *Connection) hello(ctx context.Context) (h hello, err error) {
	err = c.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&h)
	if err != nil {
		return h, fmt.Errorf("ask the server what it is: %w", err)
	}
	return h, nil
}

// ferretDB2 is the version of a FerretDB on DocumentDB, which has none of version 1's limits.
var ferretDB2 = regexp.MustCompile(`^([2-9]|[1-9][0-9]+)\.`)

// maxStatement is half of the 16 MiB that every server takes.
const maxStatement = 8 << 20

// maxCursors is beyond what the processors of a pod or the disks of one server make faster.
const maxCursors = 8

// decideFacts draws the conclusions.
func decideFacts(version, ferretDB string, h hello) Facts {
	f := Facts{
		Version: version, FerretDB: strings.TrimPrefix(ferretDB, "v"), Topology: Standalone, Primary: h.Writable ||
			h.IsMaster,
		MaxUpdates: 1000, MaxDeletes: 1000, MaxInserts: 1000, PageByID: true,
		MaxStatement: maxStatement, MaxCursors: maxCursors,
	}
	switch {
	case h.Msg == "isdbgrid":
		f.Topology = Sharded
	case h.SetName != "":
		f.Topology = ReplicaSet
	}
	if f.FerretDB != "" {
		f.MaxCursors = 1
	}
	minutes, _ := h.Sessions.AsInt64OK()
	f.OwnGetMore = minutes > 0 && f.Topology != Sharded && !f.IsFerretDB1()
	if f.IsFerretDB1() {
		// Each matching operation of a command there holds a connection of the backend's pool until the command ends. Once
		// all are held, with PostgreSQL by 50 operations of all clients together, the server hangs, for every client.
		f.MaxUpdates, f.MaxDeletes = 10, 10
		f.PageByID = false
		f.ScansForConditions = true
	}
	return f
}

// IsFerretDB1 tells whether the server is a FerretDB 1. One that was built from its module calls its version "unknown";
// what is not 2 or later counts as 1.
func (f Facts) IsFerretDB1() bool { return f.FerretDB != "" && !ferretDB2.MatchString(f.FerretDB) }

// CompactionHurts tells whether compact would run where clients write: on the primary of a replica set, or behind a
// mongos, where nobody can choose the member. It is for the secondaries first. FerretDB 1 locks all clients out while
// it compacts, or else returns nothing.
func (f Facts) CompactionHurts() bool {
	return f.Topology == Sharded || f.Topology == ReplicaSet && f.Primary || f.IsFerretDB1()
}

// CompactsDry tells whether compact has dryRun, and so says itself what would come back: MongoDB since 8.0.
func (f Facts) CompactsDry() bool {
	major, err := strconv.Atoi(strings.SplitN(f.Version, ".", 2)[0])
	return f.FerretDB == "" && err == nil && major >= 8
}
