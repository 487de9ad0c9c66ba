package connection

import (
	"context"
	"fmt"
	"time"
)

// ConfirmWithin is how long a write may wait until a majority of a replica set has it.
const ConfirmWithin = time.Minute

// maxTimeExpired is MaxTimeMSExpired: the server gave up when the time was over that the driver had told it.
const maxTimeExpired = 50

// UnconfirmedError says that a write was not confirmed in time. It may have been done, and may be lost again. A later
// try may succeed.
type UnconfirmedError struct {
	Within time.Duration
	Cause  error
}

func (e *UnconfirmedError) Error() string {
	return fmt.Sprintf("no majority of the replica set confirmed a write within %s: a member is down or lags behind, "+
		"see rs.status() (%v)", e.Within, e.Cause)
}

func (e *UnconfirmedError) Unwrap() error { return e.Cause }

// Confirm does a write that waits no longer than ConfirmWithin, and then ends with *UnconfirmedError. Repeating it
// must be safe.
func Confirm(ctx context.Context, write func(context.Context) error) error {
	return ConfirmIn(ctx, ConfirmWithin, write)
}

// ConfirmIn is Confirm with another bound, for what takes a server longer than a write.
func ConfirmIn(ctx context.Context, within time.Duration, write func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := write(bounded)
	if err != nil && ctx.Err() == nil && (bounded.Err() != nil || HasCode(err, maxTimeExpired)) {
		return &UnconfirmedError{Within: within, Cause: err}
	}
	return err
}
