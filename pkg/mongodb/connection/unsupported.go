package connection

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// UnsupportedError says that a server answers, and cannot be worked with as it is. No retry mends that.
type UnsupportedError struct {
	Hint  string
	Cause error
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("this MongoDB server cannot be worked with: %s (%v)", e.Hint, e.Cause)
}

func (e *UnsupportedError) Unwrap() error { return e.Cause }

// Codes of servers that want something else.
const (
	retryableWritesNotSupported = 301 // Amazon DocumentDB
	apiVersionError             = 322
	apiStrictError              = 323
	illegalOperation            = 20
)

// noRetryableWrites are hosts of servers without retryable writes.
var noRetryableWrites = []string{".docdb.amazonaws.com", ".docdb-elastic.amazonaws.com", ".mongo.cosmos.azure.com"}

// retriesWrites tells whether the driver may number its writes so that a server can tell a repeated one.
func retriesWrites(hosts []string) bool {
	for _, host := range hosts {
		name, _, _ := strings.Cut(host, ":")
		for _, without := range noRetryableWrites {
			if strings.HasSuffix(name, without) {
				return false
			}
		}
	}
	return true
}

// Explain gives an error of the first write a hint where the server is of a kind that needs another connection string.
func Explain(err error) error {
	if HasCode(err, retryableWritesNotSupported, illegalOperation) {
		return &UnsupportedError{Hint: "it has no retryable writes; add retryWrites=false to the connection string", Cause: err}
	}
	return err
}

// compatibility is what the driver found out about the server's protocol.
type compatibility struct{ wrong atomic.Pointer[error] }

// monitor keeps why the driver cannot speak with the server.
func (c *compatibility) monitor() *event.ServerMonitor {
	return &event.ServerMonitor{TopologyDescriptionChanged: func(e *event.TopologyDescriptionChangedEvent) {
		if err := e.NewDescription.CompatibilityErr; err != nil {
			c.wrong.Store(&err)
		}
	}}
}

// unsupported is why the server that answered while connecting will never do, or nil.
func (c *compatibility) unsupported(err error) error {
	var command mongo.CommandError
	if wrong := c.wrong.Load(); wrong != nil {
		return &UnsupportedError{Hint: "it is too old; MongoDB 4.4 and later work", Cause: *wrong}
	}
	switch {
	case HasCode(err, apiVersionError, apiStrictError):
		return &UnsupportedError{Hint: "it takes commands of the Stable API only, which has none to ask for the server's version; " +
			"set requireApiVersion to false", Cause: err}
	case errors.As(err, &command) && !MayPass(err) && !IsAuthentication(err):
		return &UnsupportedError{Hint: "it refuses to say what it is", Cause: err}
	}
	return nil
}
