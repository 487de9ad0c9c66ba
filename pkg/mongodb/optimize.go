package mongodb

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// RefusedError says that the server understood a command and will not do it here: it does not have it, the deployment does not
// allow it, or the user may not give it.
type RefusedError struct {
	Command    string // as MongoDB calls it, such as compact
	Collection string
	Cause      error
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server refuses %s of %s: %v", e.Command, e.Collection, e.Cause)
}

func (e *RefusedError) Unwrap() error { return e.Cause }

// command gives one command on a collection. What the server refuses is a *RefusedError; a lost connection is not.
func (r *Reader) command(ctx context.Context, collection string, command bson.D, reply any) error {
	err := r.db.RunCommand(ctx, command).Decode(reply)
	return refused(ctx, command[0].Key, collection, err)
}

// refused tells what the server will not do from what did not reach it.
func refused(ctx context.Context, command, collection string, err error) error {
	switch {
	case err == nil:
		return nil
	case isCommandError(err) && ctx.Err() == nil:
		return &RefusedError{Command: command, Collection: collection, Cause: err}
	}
	return fmt.Errorf("%s of %s: %w", command, collection, err)
}
