package runner

import (
	"context"
	"errors"
	"fmt"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// enter has the journal know a run that may change something, once. A run whose task writes nothing to the journal can
// do its work without that; one that writes to it fails later, when it does.
func (r *run) enter(ctx context.Context) error {
	if r.entered || r.own || r.writer == nil {
		return nil
	}
	err := stores.NewJournal(r.writer, r.result.Run).Enter(ctx, r.task.Name)
	switch {
	case err == nil:
		r.entered = true
		return nil
	case ctx.Err() != nil, errors.Is(err, mongodb.ErrLockLost), connection.MayPass(err):
		return err
	}
	r.warn(fmt.Sprintf("the journal could not take note of this run: if it takes nothing, a restore of it will not "+
		"find it; "+
		"docs/roles.md has the rights that %s needs: %v", r.task.Name, err))
	return nil
}
