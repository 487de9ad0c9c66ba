package admin

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// UncountableError says that nobody can tell what other clients do, and what would help.
type UncountableError struct {
	Hint  string
	Cause error // nil: the server answered
}

func (e *UncountableError) Error() string {
	if e.Cause == nil {
		return "the server does not tell what its clients do: " + e.Hint
	}
	return fmt.Sprintf("the server does not tell what its clients do: %s (%v)", e.Hint, e.Cause)
}

func (e *UncountableError) Unwrap() error { return e.Cause }

// Meter measures what other clients do on the server, in all its databases. What this client does is not counted: in
// doubt, as with a command that is under way when the server is asked, an operation is our own. Other maintenance runs
// are other clients.
type Meter struct {
	c    *connection.Connection
	last sample
}

// sample is what was counted at one moment.
type sample struct {
	at         time.Time
	server     string // who counts; a process that was started again counts from 0
	commands   bool   // total is in commands, else in statements
	total      int64
	sent, done connection.Operations
}

// NewMeter is a new meter.
func NewMeter(r *mongodb.Reader) *Meter { return &Meter{c: r.Connection(driver.Key{})} }

// Rate is the others' operations a second since the call before, and 0 at the first. It is *UncountableError where the
// server does not tell.
func (m *Meter) Rate(ctx context.Context) (float64, error) {
	now, err := m.take(ctx)
	if err != nil {
		return 0, err
	}
	before := m.last
	m.last = now
	switch {
	case before.server == "":
		return 0, nil
	case before.server != now.server || before.commands != now.commands || now.total < before.total:
		return 0, &UncountableError{Hint: fmt.Sprintf("another one answered than before (%s, then %s), and their counters "+
			"cannot be compared; name one mongos in the connection string, or use another probe", before.server, now.server)}
	}
	return now.others(before) / now.at.Sub(before.at).Seconds(), nil
}

// others is how many operations between two samples were not our own.
func (s sample) others(before sample) float64 {
	own := s.sent.Statements - before.done.Statements
	if s.commands {
		own = s.sent.Commands - before.done.Commands
	}
	return float64(max(0, s.total-before.total-own))
}

func (m *Meter) take(ctx context.Context) (s sample, err error) {
	_, s.done = m.c.Operations()
	var status bson.Raw
	err = m.c.DB().Client().Database("admin").RunCommand(ctx, bson.D{{Key: "serverStatus", Value: 1}}).Decode(&status)
	switch {
	case err != nil && ctx.Err() == nil && (connection.IsAuthentication(err) || connection.IsCommandError(err)):
		return s, &UncountableError{Hint: "give the user the privilege serverStatus on the cluster, as the role " +
			"clusterMonitor has it", Cause: err}
	case err != nil:
		return s, fmt.Errorf("ask the server what its clients do: %w", err)
	}
	s.sent, _ = m.c.Operations()
	s.at = time.Now()
	s.server = serverOf(status)
	var known bool
	if s.total, s.commands, known = total(status); !known {
		return s, &UncountableError{Hint: "its serverStatus has neither metrics.commands nor opcounters; use another probe"}
	}
	return s, nil
}

func serverOf(status bson.Raw) string {
	host, _ := status.Lookup("host").StringValueOK()
	pid, _ := status.Lookup("pid").AsInt64OK()
	return fmt.Sprintf("%s, process %d", host, pid)
}

// total is all the work that the server counted since it started, from an answer of serverStatus. The members of a
// replica set read each other's oplog by getMore; MongoDB counts these apart as well.
func total(status bson.Raw) (n int64, commands, known bool) {
	if list, ok := status.Lookup("metrics", "commands").DocumentOK(); ok {
		for _, name := range connection.WorkCommands() {
			times, _ := list.Lookup(name, "total").AsInt64OK()
			n += times
		}
		oplog, _ := status.Lookup("metrics", "repl", "network", "oplogGetMoresProcessed", "num").AsInt64OK()
		return n - oplog, true, true
	}
	list, ok := status.Lookup("opcounters").DocumentOK()
	for _, name := range []string{"insert", "query", "update", "delete", "getmore"} {
		times, _ := list.Lookup(name).AsInt64OK()
		n += times
	}
	return n, false, ok
}
