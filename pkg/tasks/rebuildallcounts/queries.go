package rebuildallcounts

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/recount"
)

// queriesAtOnce is how many stored queries the server counts at a time. Each may read a whole collection.
const queriesAtOnce = 4

// answer is how many documents match a query, or why nobody can say.
type answer struct {
	n       int64
	problem string
}

// countQueries has the server count; a query that it cannot run is the fault of who stored it, not the run's.
func (r *reader) countQueries(ctx context.Context) error {
	queries := r.tally.Queries()
	answers, err := r.answers(ctx, queries)
	if err != nil {
		return err
	}
	for i, q := range queries {
		if problem := answers[i].problem; problem != "" {
			r.tally.LeaveAlone(q)
			r.out.warnings = append(r.out.warnings, q.Warning(problem))
			continue
		}
		r.tally.Answer(q, answers[i].n)
	}
	return nil
}

// answers asks for all queries, several at a time, until one cannot be asked for.
func (r *reader) answers(ctx context.Context, queries []*recount.Query) ([]answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	answers := make([]answer, len(queries))
	var taken atomic.Int64
	var askers sync.WaitGroup
	for range min(queriesAtOnce, len(queries)) {
		askers.Go(func() {
			for i := taken.Add(1) - 1; i < int64(len(queries)); i = taken.Add(1) - 1 {
				var err error
				if answers[i], err = r.ask(ctx, queries[i]); err != nil {
					cancel(err)
				}
			}
		})
	}
	askers.Wait()
	return answers, context.Cause(ctx)
}

func (r *reader) ask(ctx context.Context, q *recount.Query) (answer, error) {
	if q.Problem != "" {
		return answer{problem: q.Problem}, nil
	}
	n, err := r.env.DB.Count(ctx, q.In, q.Filter)
	var bad *connection.QueryError
	if errors.As(err, &bad) {
		return answer{problem: bad.Error()}, nil
	}
	return answer{n: n}, err
}
