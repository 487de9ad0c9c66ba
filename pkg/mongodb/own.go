package mongodb

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
)

// operations are counted in the two ways in which servers count: in commands, as metrics.commands does, and in statements, as
// opcounters does, where an insert of ten documents is ten.
type operations struct{ commands, statements int64 }

func (o operations) plus(p operations) operations {
	return operations{o.commands + p.commands, o.statements + p.statements}
}

// ownOperations counts what this client sends. What was sent and not answered yet the server may have counted or not.
type ownOperations struct {
	mu         sync.Mutex
	sent, done operations
	open       map[int64]operations // by the request's number
}

// monitor counts, and shows each command to also before it is sent.
func (own *ownOperations) monitor(also func(Command)) *event.CommandMonitor {
	return &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			own.begin(e.RequestID, weigh(e.CommandName, e.Command))
			if also != nil {
				also(Command{Name: e.CommandName, Database: e.DatabaseName, Document: e.Command})
			}
		},
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) { own.end(e.RequestID) },
		Failed:    func(_ context.Context, e *event.CommandFailedEvent) { own.end(e.RequestID) },
	}
}

func (own *ownOperations) begin(request int64, o operations) {
	if o == (operations{}) {
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

func (own *ownOperations) counted() (sent, done operations) {
	own.mu.Lock()
	defer own.mu.Unlock()
	return own.sent, own.done
}

// workCommands are those by which clients read and write documents. What drivers and monitors send by themselves is no work.
var workCommands = []string{"find", "getMore", "aggregate", "count", "distinct", "insert", "update", "delete", "findAndModify"}

// weigh is how the server will count a command.
func weigh(name string, command bson.Raw) operations {
	switch name {
	case "find", "getMore":
		return operations{1, 1}
	case "insert":
		return operations{1, length(command.Lookup("documents"))}
	case "update":
		return operations{1, length(command.Lookup("updates"))}
	case "delete":
		return operations{1, length(command.Lookup("deletes"))}
	case "aggregate", "count", "distinct", "findAndModify":
		return operations{1, 0}
	}
	return operations{}
}

func length(list bson.RawValue) int64 {
	array, _ := list.ArrayOK()
	values, _ := array.Values()
	return int64(len(values))
}
