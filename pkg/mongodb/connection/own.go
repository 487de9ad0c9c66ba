package connection

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"ucorefs.io/maintenance/pkg/throttle"
)

// Operations are counted in the two ways in which servers count: in commands, as metrics.commands does, and in
// statements, as opcounters does, where an insert of ten documents is ten.
type Operations struct{ Commands, Statements int64 }

func (o Operations) plus(p Operations) Operations {
	return Operations{o.Commands + p.Commands, o.Statements + p.Statements}
}

// ownOperations counts what this client sends. What was sent and not answered yet the server may have counted or not.
type ownOperations struct {
	mu         sync.Mutex
	sent, done Operations
	open       map[int64]Operations // by the request's number
}

// monitor counts, shows each command to also before it is sent, and tells the throttle how long each answer took.
func (own *ownOperations) monitor(also func(Command), t *throttle.Throttle) *event.CommandMonitor {
	return &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			own.begin(e.RequestID, weigh(e.CommandName, e.Command))
			if also != nil {
				also(Command{Name: e.CommandName, Database: e.DatabaseName, Document: e.Command})
			}
		},
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			own.end(e.RequestID)
			t.Answered(e.CommandName, e.Duration)
		},
		Failed: func(_ context.Context, e *event.CommandFailedEvent) {
			own.end(e.RequestID)
			t.Answered(e.CommandName, e.Duration)
		},
	}
}

func (own *ownOperations) begin(request int64, o Operations) {
	if o == (Operations{}) {
		return
	}
	own.mu.Lock()
	defer own.mu.Unlock()
	own.sent, own.open[request] = own.sent.plus(o), o
}

func (own *ownOperations) end(request int64) {
	own.mu.Lock()
	defer own.mu.Unlock()
	own.done = own.done.plus(own.open[request])
	delete(own.open, request)
}

func (own *ownOperations) counted() (sent, done Operations) {
	own.mu.Lock()
	defer own.mu.Unlock()
	return own.sent, own.done
}

// WorkCommands are those by which clients read and write documents. What drivers and monitors send by themselves is no
// work.
func WorkCommands() []string {
	return []string{"find", "getMore", "aggregate", "count", "distinct", "insert", "update", "delete", "findAndModify"}
}

// weigh is how the server will count a command.
func weigh(name string, command bson.Raw) Operations {
	switch name {
	case "find", "getMore":
		return Operations{1, 1}
	case "insert":
		return Operations{1, length(command.Lookup("documents"))}
	case "update":
		return Operations{1, length(command.Lookup("updates"))}
	case "delete":
		return Operations{1, length(command.Lookup("deletes"))}
	case "aggregate", "count", "distinct", "findAndModify":
		return Operations{1, 0}
	}
	return Operations{}
}

func length(list bson.RawValue) int64 {
	array, _ := list.ArrayOK()
	values, _ := array.Values()
	return int64(len(values))
}

// Operations are what this client sent until now, and how much of it the server has answered.
func (c *Connection) Operations() (sent, done Operations) { return c.own.counted() }
