package strictmongo

import "slices"

// Fault is what goes wrong with one command.
type Fault struct {
	Error
	As    FaultKind
	Index int // of a WriteError and of CutWithin: the operation
	After int // of Late: how many commands are answered before it is done
}

// FaultKind is how a command goes wrong.
type FaultKind int

// The kinds.
const (
	CommandError FaultKind = iota // it is refused, and nothing is done
	WriteError                    // one operation of a bulk is refused
	ConcernError                  // it is done, and the write concern says that it may get lost
	CutBefore                     // the connection is cut, and nothing is done
	CutAfter                      // it is done, and the connection is cut before the answer
	CutWithin                     // of a bulk, the operations before Index are done, and the connection is cut
	Twice                         // it is done twice, as by a network or a proxy that repeats it
	Late                          // the connection is cut, and it is done some commands later, whoever sends these
)

func (f *Fault) is(kind FaultKind) bool { return f != nil && f.As == kind }

// operationFault is the fault of one operation of a bulk.
func (s *Server) operationFault(r *request, index int) error {
	if r.fault.is(WriteError) && r.fault.Index == index {
		return &r.fault.Error
	}
	return nil
}

// ends tells whether a bulk ends before one of its operations.
func (r *request) ends(index int) bool { return r.fault.is(CutWithin) && index >= r.fault.Index }

// late is a command that is still on its way.
type late struct {
	r    *request
	m    message
	left int // commands that are answered before
}

func (s *Server) postpone(r *request, m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, late{r, m, r.fault.After})
}

// doLate carries out the late commands whose time has come.
func (s *Server) doLate() {
	s.mu.Lock()
	var due []late
	s.late = slices.DeleteFunc(s.late, func(l late) bool {
		if l.left == 0 {
			due = append(due, l)
		}
		return l.left == 0
	})
	for i := range s.late {
		s.late[i].left--
	}
	s.mu.Unlock()
	for _, l := range due {
		l.r.reply(l.m)
	}
}

// concern is what the write concern says after a write: the fault of the test, or that no majority confirms.
func (r *request) concern() *Error {
	if !r.command.writes {
		return nil
	}
	if r.fault.is(ConcernError) {
		return &r.fault.Error
	}
	concern, _ := r.body.Lookup("writeConcern").DocumentOK()
	if w, _ := concern.Lookup("w").StringValueOK(); !r.server.o.NoMajority || w != "majority" {
		return nil
	}
	if r.body.Lookup("maxTimeMS").Type != 0 {
		return maxTimeMSExpired.is("operation exceeded time limit while waiting for replication")
	}
	if concern.Lookup("wtimeout").Type == 0 {
		select { // for ever, but that the client or the server goes
		case <-r.client.gone:
		case <-r.server.closed:
		}
	}
	return writeConcernTimeout.is("waiting for replication timed out")
}

// Passing is a fault that a retry mends: an error of a code with its name.
func Passing(number int32, name string) *Fault {
	return &Fault{Error: Error{Code: number, Name: name, Message: "injected by the test: " + name}}
}
