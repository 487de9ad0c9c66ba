package strictmongo

// Fault is what goes wrong with one command.
type Fault struct {
	Error
	As    FaultKind
	Index int // of a WriteError: the operation
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
)

func (f *Fault) is(kind FaultKind) bool { return f != nil && f.As == kind }

// operationFault is the fault of one operation of a bulk.
func (s *Server) operationFault(r *request, index int) error {
	if r.fault.is(WriteError) && r.fault.Index == index {
		return &r.fault.Error
	}
	return nil
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
