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

// noLoadBalancer is in the driver's error about a server that knows of no load balancer, which has no type of its own.
const noLoadBalancer = "server does not support this mode"

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
		return &UnsupportedError{Hint: "it has no retryable writes; add retryWrites=false to the connection string",
			Cause: err}
	}
	return err
}

// compatibility is what the driver found out about the servers, and no retry changes.
type compatibility struct {
	wrong  atomic.Pointer[error] // why it cannot speak with one of them
	nobody atomic.Bool           // none of them belongs to the replica set that the connection string names
}

// monitor keeps what the driver says only here. It forgets a server of another set for good.
func (c *compatibility) monitor() *event.ServerMonitor {
	return &event.ServerMonitor{TopologyDescriptionChanged: func(e *event.TopologyDescriptionChangedEvent) {
		if err := e.NewDescription.CompatibilityErr; err != nil {
			c.wrong.Store(&err)
		}
		c.nobody.Store(len(e.NewDescription.Servers) == 0 && len(e.PreviousDescription.Servers) > 0)
	}}
}

// unsupported is why the server that answered while connecting will never do, or nil.
func (c *compatibility) unsupported(err error) error {
	var command mongo.CommandError
	if wrong := c.wrong.Load(); wrong != nil {
		return &UnsupportedError{Hint: "it is older than MongoDB 4.4, or newer than this program; MongoDB 4.4 and later work",
			Cause: *wrong}
	}
	if c.nobody.Load() {
		return &UnsupportedError{Hint: "no host in the connection string is a member of the replica set that it names; " +
			"check replicaSet and the hosts, or remove replicaSet", Cause: rootCause(err)}
	}
	switch {
	case err != nil && strings.Contains(err.Error(), noLoadBalancer):
		return &UnsupportedError{Hint: "it is not behind a load balancer that MongoDB knows of; remove loadBalanced=true",
			Cause: rootCause(err)}
	case HasCode(err, apiVersionError, apiStrictError):
		return &UnsupportedError{Hint: "it takes commands of the Stable API only, which has none to ask for the server's " +
			"version; " +
			"set requireApiVersion to false", Cause: err}
	case errors.As(err, &command) && !MayPass(err) && !IsAuthentication(err):
		return &UnsupportedError{Hint: "it refuses to say what it is", Cause: err}
	}
	return nil
}
