package connection

import (
	"context"
	"time"
)

// Retries while the server is away begin at firstRetry and double up to maxRetry.
const (
	firstRetry = time.Second
	maxRetry   = 30 * time.Second
)

// reach tries until the server says what it is. Wrong credentials and certificates end it at once, since no retry mends
// them, and too many would lock the account.
func (c *Connection) reach(ctx context.Context, o Options) (Facts, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	for wait := firstRetry; ; wait = min(2*wait, maxRetry) {
		facts, err := c.try(ctx)
		switch {
		case err == nil:
			return facts, nil
		case IsAuthentication(err):
			return Facts{}, &AuthenticationError{Cause: rootCause(err)}
		}
		if wrong := certificateError(rootCause(err)); wrong != nil {
			return Facts{}, wrong
		}
		if wrong := c.compatible.unsupported(err); wrong != nil {
			return Facts{}, wrong
		}
		c.log.Warn("the database does not answer", "error", rootCause(err), "retryIn", wait)
		select {
		case <-ctx.Done():
			return Facts{}, &UnreachableError{Hosts: clientOptions(o).Hosts, Tried: time.Since(began), Cause: rootCause(err)}
		case <-time.After(wait):
		}
	}
}

func (c *Connection) try(ctx context.Context) (Facts, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	return c.findFacts(ctx)
}
