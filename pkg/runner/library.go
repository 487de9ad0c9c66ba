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
	r.Library, r.result.Library = found.Library, found.Library.Name
	if absent := found.Library.Absent(found.Existing); len(absent) > 0 {
		r.warn(fmt.Sprintf("these collections of the library %s do not exist and count as empty: %s", found.Library.Name, strings.Join(absent, ", ")))
	}
	return nil
}
