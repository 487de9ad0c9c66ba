package crashes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/restore"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

var errKilled = errors.New("killed")

// process is one pod of a run. What it is named as a host tells its commands from those of others.
type process struct {
	s        *simulation
	host     string
	run      string
	script   func(n int, c strictmongo.Command) *strictmongo.Fault // what goes wrong with its command n, from 1; nil: nothing
	ctx      context.Context
	kill     context.CancelCauseFunc
	commands []strictmongo.Command // what it sent, without their bodies
	without  int                   // writes that came when it had no lock

	mu    sync.Mutex
	dead  bool
	until time.Time // it stands still
	left  chan struct{}
	conns []net.Conn
}

// process is a new pod of a run.
func (s *simulation) process(run string) *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &process{s: s, run: run, host: fmt.Sprintf("pod%d", len(s.processes)), left: make(chan struct{})}
	p.ctx, p.kill = context.WithCancelCause(s.t.Context())
	s.processes[p.host+":27017"] = p
	return p
}

// die ends a process as a signal does that it cannot catch: nothing that it sends arrives any more.
func (p *process) die() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	p.kill(errKilled)
	for _, c := range p.conns {
		_ = c.Close()
	}
}

func (p *process) isDead() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.dead }

// stallUntil has a process stand still: what it has sent and sends arrives when that is over.
func (p *process) stallUntil(t time.Time) { p.mu.Lock(); defer p.mu.Unlock(); p.until = t }

func (p *process) stall() {
	p.mu.Lock()
	until := p.until
	p.mu.Unlock()
	p.sleep(time.Until(until))
}

// sleep keeps a command waiting, until its process says that it goes: the driver then looks for the end of its commands
// without a pause, in which no time would pass in a bubble.
func (p *process) sleep(d time.Duration) {
	select {
	case <-p.left:
	case <-time.After(d):
	}
}

func (p *process) isGone() bool {
	select {
	case <-p.left:
		return true
	default:
		return false
	}
}

// leave is when a process says that it goes.
func (p *process) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.left:
	default:
		close(p.left)
	}
}

func (p *process) dial(ctx context.Context, network, address string) (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return nil, errKilled
	}
	c, err := p.s.server.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if len(p.conns) == 0 {
		c = watched{c, p.leave}
	}
	p.conns = append(p.conns, c)
	return c, nil
}

// watched is the connection on which the driver looks after the server, until its process goes.
type watched struct {
	net.Conn
	closed func()
}

func (w watched) Close() error {
	go w.closed()
	return w.Conn.Close()
}

func (p *process) world() runner.World {
	return runner.World{
		Tasks: all.Tasks(), Library: taskstest.Declaration(p.s.t, p.s.layout), Log: slog.New(slog.DiscardHandler),
		Host: p.host,
		Now:  func() time.Time { return time.Now().Add(p.s.skew) }, Dial: p.dial,
	}
}

// do does the scenario's task.
func (p *process) do() report.Result {
	o := p.s.o
	o.RunID, o.MongoDBURI = p.run, "mongodb://"+p.host+":27017/"
	defer p.kill(nil)
	if p.s.scenario.undoes {
		return p.undo(firstRun)
	}
	return runner.Run(p.ctx, o, p.world())
}

// undo restores a run.
func (p *process) undo(run string) report.Result {
	o := p.s.o
	o.RunID, o.MongoDBURI = p.run, "mongodb://"+p.host+":27017/"
	defer p.kill(nil)
	return runner.RunTask(p.ctx, o, p.world(), restore.Task(run))
}

// writes tells whether a command changes documents, and not only the lock.
func writes(c strictmongo.Command) bool {
	return isWrite(c) && c.Collection != mongodb.LocksCollection
}

func isWrite(c strictmongo.Command) bool {
	return c.Name == "insert" || c.Name == "update" || c.Name == "delete"
}

// operations is how many operations a write command has.
func operations(c strictmongo.Command) int {
	list := map[string]string{"insert": "documents", "update": "updates", "delete": "deletes"}[c.Name]
	array, _ := c.Body.Lookup(list).ArrayOK()
	values, _ := bson.RawArray(array).Values()
	return len(values)
}

// filters are those of the operations that change or delete documents.
func filters(c strictmongo.Command) (all []bson.Raw) {
	list := map[string]string{"update": "updates", "delete": "deletes"}[c.Name]
	array, _ := c.Body.Lookup(list).ArrayOK()
	values, _ := bson.RawArray(array).Values()
	for _, v := range values {
		q, _ := v.Document().Lookup("q").DocumentOK()
		all = append(all, q)
	}
	return all
}

// see is called with each command before it is carried out: a process that dies, dies here.
func (s *simulation) see(c strictmongo.Command) *strictmongo.Fault {
	s.mu.Lock()
	p := s.processes[c.Address]
	if p == nil || s.judge == nil {
		s.mu.Unlock()
		return nil // the application's own
	}
	if p.isDead() {
		s.mu.Unlock()
		return &strictmongo.Fault{As: strictmongo.CutBefore}
	}
	s.mu.Unlock()
	if p.stall(); p.isGone() {
		return &strictmongo.Fault{As: strictmongo.CutBefore}
	}
	s.mu.Lock()
	s.found.points++
	p.commands = append(p.commands, c)
	n := len(p.commands)
	s.judge.step(p, c)
	s.mu.Unlock()
	if p.script == nil {
		return nil
	}
	f := p.script(n, c)
	if p.stall(); p.isGone() && !p.isDead() {
		return &strictmongo.Fault{As: strictmongo.CutBefore} // or it would be carried out in what comes after
	}
	return f
}
