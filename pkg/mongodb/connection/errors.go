package connection

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/auth"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"
)

// URIError says that the connection string cannot be used. It holds no part of it.
type URIError struct{ Hint string }

func (e *URIError) Error() string {
	return "the MongoDB connection string cannot be used: " + e.Hint +
		"; write mongodb://USER:PASSWORD@HOST:PORT/DATABASE or mongodb+srv://USER:PASSWORD@HOST/DATABASE"
}

// UnreachableError says that no server answered in time, or that a connection broke and did not come back.
type UnreachableError struct {
	Hosts []string
	Tried time.Duration
	Cause error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no MongoDB server answered at %s within %s: %v", strings.Join(e.Hosts, ", "),
		e.Tried.Round(time.Second), e.Cause)
}

func (e *UnreachableError) Unwrap() error { return e.Cause }

// AuthenticationError says that the server rejected the credentials, or the user may not do what a task needs.
type AuthenticationError struct{ Cause error }

func (e *AuthenticationError) Error() string {
	return fmt.Sprintf("the MongoDB server rejected the credentials: check the user name, the password and authSource "+
		"in the connection string, or the certificate or token that it uses (%v)", e.Cause)
}

func (e *AuthenticationError) Unwrap() error { return e.Cause }

// QueryError says that the server cannot run a filter.
type QueryError struct{ Cause error }

func (e *QueryError) Error() string {
	return fmt.Sprintf("the server cannot run the query: %v", e.Cause)
}

func (e *QueryError) Unwrap() error { return e.Cause }

// IsUnreachable tells whether an error from this package means that the server is away, or could not do it just now: a
// later try may succeed. An error of a file system never does.
func IsUnreachable(err error) bool {
	var unreachable *UnreachableError
	var unconfirmed *UnconfirmedError
	var selection topology.ServerSelectionError
	return errors.As(err, &unreachable) || errors.As(err, &unconfirmed) || errors.As(err, &selection) || isNetwork(err) ||
		HasCode(err, retryableCodes...) || HasCode(err, passingCodes...) || hasLabel(err, passingLabels...)
}

// internalError is how FerretDB answers while its PostgreSQL is away, and at some other times.
const internalError = 1

// MayPass tells whether a later try may succeed: IsUnreachable, or an error of which nobody can tell.
func MayPass(err error) bool { return IsUnreachable(err) || HasCode(err, internalError) }

// isNetwork tells whether an error is one of the network. Two have the methods of net.Error and are none: a deadline,
// which is a caller's own, and a bare syscall.Errno, with which files fail; a connection's comes in a net.OpError.
func isNetwork(err error) bool {
	var operation *net.OpError
	if errors.As(err, &operation) || isDNS(err) || mongo.IsNetworkError(err) {
		return true
	}
	var network net.Error
	if !errors.As(err, &network) || network == context.DeadlineExceeded {
		return false
	}
	_, file := network.(syscall.Errno)
	return !file
}

// IsTimeout tells whether an error from this package means that a context's deadline passed, here or on the server.
func IsTimeout(err error) bool { return mongo.IsTimeout(err) }

// IsAuthentication tells whether an error from this package means that the credentials are wrong or not sufficient.
func IsAuthentication(err error) bool {
	var typed *AuthenticationError
	var handshake *auth.Error
	if errors.As(err, &typed) || HasCode(err, authCodes...) {
		return true
	}
	return errors.As(err, &handshake) && !mongo.IsNetworkError(err) && !mongo.IsTimeout(err) &&
		!errors.Is(err, context.Canceled)
}

// Server error codes, from MongoDB's error_codes.yml.
var (
	// Unauthorized, AuthenticationFailed. Atlas's own 8000 is any refusal of its proxy; that of a login comes as
	// auth.Error.
	authCodes = []int{13, 18}
	// HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, FailedToSatisfyReadPreference,
	// PrimarySteppedDown, NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange,
	// NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary
	retryableCodes = []int{6, 7, 89, 91, 133, 189, 10107, 11600, 11602, 13435, 13436}
	// What ends one command and passes: CursorNotFound,
	// WriteConcernTimeout, UnsatisfiableWriteConcern, WriteConflict, ReadConcernMajorityNotAvailableYet, QueryPlanKilled,
	// NetworkInterfaceExceededTimeLimit, CursorKilled, ExceededTimeLimit, ConnectionPoolExpired, TemporarilyUnavailable,
	// 371 and 384 (ConnectionError), SocketException, LegacyNotPrimary, Interrupted, OutOfDiskSpace, and 16500, by which
	// Cosmos DB says that the request rate is too large: https://github.com/spring-projects/spring-data-mongodb/issues/3196.
	passingCodes = []int{43, 64, 100, 112, 134, 175, 202, 237, 262, 317, 365, 371, 384, 9001, 10058, 11601, 14031, 16500}
	// passingLabels are what servers and the driver put on errors that a later try does not meet.
	passingLabels = []string{"RetryableWriteError", "TransientTransactionError", "RetryableError", "SystemOverloadedError"}
)

// HasCode tells whether a server answered with one of the codes.
func HasCode(err error, codes ...int) bool {
	var server mongo.ServerError
	return errors.As(err, &server) && slices.ContainsFunc(codes, server.HasErrorCode)
}

func hasLabel(err error, labels ...string) bool {
	var labeled mongo.LabeledError
	return errors.As(err, &labeled) && slices.ContainsFunc(labels, labeled.HasErrorLabel)
}

func isDNS(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns)
}

// errNoAnswer is why no server could be selected where none has said anything yet.
var errNoAnswer = errors.New("no answer")

// rootCause is the innermost reason why no server could be selected, without the driver's dump of the topology.
func rootCause(err error) error {
	var selection topology.ServerSelectionError
	if errors.As(err, &selection) {
		for _, server := range selection.Desc.Servers {
			if server.LastError != nil {
				return server.LastError
			}
		}
		return errNoAnswer
	}
	return err
}

// IsCommandError tells whether the server understood a command and refused it.
func IsCommandError(err error) bool {
	var command mongo.CommandError
	return errors.As(err, &command) && !IsUnreachable(err)
}

// RefusedError says that the server understood a command and will not do it here: it does not have it, the deployment
// does not allow it, or the user may not give it.
type RefusedError struct {
	Command    string // as MongoDB calls it, such as compact
	Collection string
	Cause      error
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server refuses %s of %s: %v", e.Command, e.Collection, e.Cause)
}

func (e *RefusedError) Unwrap() error { return e.Cause }

// Again gives a command, and once more at once, after a second and after five seconds, while the server answers with an
// error of which nobody can tell whether it passes.
func Again(ctx context.Context, give func() error) error {
	for _, pause := range []time.Duration{100 * time.Millisecond, time.Second, 5 * time.Second} {
		err := give()
		if !HasCode(err, internalError) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
	return give()
}

// Refused tells what the server will not do from what did not reach it.
func Refused(ctx context.Context, command, collection string, err error) error {
	switch {
	case err == nil:
		return nil
	case IsCommandError(err) && ctx.Err() == nil:
		return &RefusedError{Command: command, Collection: collection, Cause: err}
	}
	return fmt.Errorf("%s of %s: %w", command, collection, err)
}

// IsQueryFault tells whether a server refused a command for what it says.
func IsQueryFault(err error) bool {
	return IsCommandError(err) && !IsAuthentication(err) && !MayPass(err)
}
