package runner

import (
	"context"
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/detect"
)

// findLibrary finds out which library the database holds. Without one there is nothing to do, and that is no success:
// the database is the wrong one, or the application never ran. Nothing has been written until then, not even a lock,
// which would create a database whose name was misspelt.
func (r *run) findLibrary(ctx context.Context) error {
	switch {
	case r.db == nil:
		return nil
	case r.task.NoLibrary:
		return r.because(ctx, r.task.Ready(ctx, r.db.Reader()))
	}
	found, err := detect.Library(ctx, r.db.Reader(), r.Library)
	if err != nil {
		return r.because(ctx, err)
	}
	countable, left := found.Library.Countable(found.Existing)
	r.Library, r.result.Library = countable, countable.Name
	if absent := countable.Absent(found.Existing); len(absent) > 0 {
		r.warn(fmt.Sprintf("these collections of the library %s do not exist and count as empty: %s", countable.Name,
			strings.Join(absent, ", ")))
	}
	if len(left) > 0 {
		r.warn("these counters are left as they are, since what they count does not exist: " + strings.Join(left, ", "))
	}
	return nil
}
