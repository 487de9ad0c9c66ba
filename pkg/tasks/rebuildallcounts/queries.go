package rebuildallcounts

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// queriesAtOnce is how many stored queries the server counts at a time. Each may read a whole collection.
const queriesAtOnce = 4

// countQueries has the server count; a query that it cannot run is the fault of who stored it, not the run's.
func (r *reader) countQueries(ctx context.Context) error {
	queries := r.tally.Queries()
	counts := make([]int64, len(queries))
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(queriesAtOnce)
	for i, q := range queries {
		if q.Problem != "" {
			continue
		}
		asking.Go(func() (err error) {
			counts[i], err = r.env.DB.Count(ctx, q.In, q.Filter)
			if bad := (*connection.QueryError)(nil); errors.As(err, &bad) {
				q.Problem, err = bad.Error(), nil
			}
			return err
		})
	}
	if err := asking.Wait(); err != nil {
		return err
	}
	for i, q := range queries {
		if r.tally.Answer(q, counts[i]); q.Problem != "" {
			r.out.warnings = append(r.out.warnings, q.Warning())
		}
	}
	return nil
}
