package runner

import (
	"context"
	"fmt"
	"strings"

	"ucorefs.io/maintenance/pkg/detect"
)

// findLibrary finds out which library the database holds. Without one there is nothing to do, and that is no success:
// the database is the wrong one, or the application never ran.
func (r *run) findLibrary(ctx context.Context) error {
	if r.db == nil || r.task.NoLibrary {
		return nil
	}
	found, err := detect.Library(ctx, r.db.Reader(), r.Library)
	if err != nil {
		return r.because(ctx, err)
	}
	countable, left := found.Library.Countable(found.Existing)
	r.Library, r.result.Library = countable, countable.Name
	if absent := countable.Absent(found.Existing); len(absent) > 0 {
		r.warn(fmt.Sprintf("these collections of the library %s do not exist and count as empty: %s", countable.Name, strings.Join(absent, ", ")))
	}
	if len(left) > 0 {
		r.warn("these counters are left as they are, since what they count does not exist: " + strings.Join(left, ", "))
	}
	return nil
}
