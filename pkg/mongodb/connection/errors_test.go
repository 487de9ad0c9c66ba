package connection

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// Seen to fail when whatever looks like net.Error counted: a syscall.Errno does, so that a folder without rights was
// retried for a minute as a database that went away.
func TestIsUnreachable(t *testing.T) {
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	denied := &fs.PathError{Op: "open", Path: "/logs", Err: syscall.EACCES}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"no error":                            {nil, false},
		"a refused connection":                {dial, true},
		"a refused connection, wrapped":       {fmt.Errorf("find: %w", dial), true},
		"a name that does not resolve":        {&net.DNSError{Err: "no such host", Name: "db"}, true},
		"the error of this package":           {&UnreachableError{Cause: errors.New("no answer")}, true},
		"the driver's network error":          {mongo.CommandError{Labels: []string{"NetworkError"}}, true},
		"a server that shuts down":            {mongo.CommandError{Code: 91}, true},
		"another error of the server":         {mongo.CommandError{Code: 2}, false},
		"a deadline of the caller":            {context.DeadlineExceeded, false},
		"a folder that may not be read":       {denied, false},
		"a file that should be a folder":      {&fs.PathError{Op: "open", Path: "/cache", Err: syscall.ENOTDIR}, false},
		"a disk that fails":                   {fmt.Errorf("look at a.jpg: %w", syscall.EIO), false},
		"a network disk that does not answer": {&fs.PathError{Op: "open", Path: "/nfs", Err: syscall.ETIMEDOUT}, false},
		"a full disk":                         {&os.LinkError{Op: "link", Err: syscall.ENOSPC}, false},
		"a disk and a connection that fail":   {errors.Join(denied, dial), true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := IsUnreachable(c.err); got != c.want {
				t.Errorf("IsUnreachable(%v) is %v", c.err, got)
			}
		})
	}
}

// A stored query is at fault for ever, so that what it counts is left alone; what passes must fail the run, which is
// made again.
func TestWhatPassesIsNotTheFaultOfAQuery(t *testing.T) {
	for code, c := range map[int32]struct {
		name               string
		fault, unreachable bool
	}{
		2:     {"BadValue", true, false},
		9:     {"FailedToParse", true, false},
		13:    {"Unauthorized", false, false},
		50:    {"MaxTimeMSExpired, the server's own limit", true, false},
		51091: {"an invalid regular expression", true, false},
		112:   {"WriteConflict", false, true},
		175:   {"QueryPlanKilled", false, true},
		237:   {"CursorKilled", false, true},
		262:   {"ExceededTimeLimit", false, true},
		11601: {"Interrupted", false, true},
		11602: {"InterruptedDueToReplStateChange", false, true},
	} {
		err := fmt.Errorf("count: %w", mongo.CommandError{Code: code})
		if IsQueryFault(err) != c.fault || IsUnreachable(err) != c.unreachable {
			t.Errorf("%d, %s: the query's fault: %v, unreachable: %v", code, c.name, IsQueryFault(err), IsUnreachable(err))
		}
	}
}
