package cleanuporphanedrecords

import (
	"context"
	"fmt"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/tasks"
)

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	executed, err := p.Execute(ctx, w, env.RunID, env.Progress)
	done := tasks.Done{Counts: executed.Counts}
	if n := executed.Conflicts; n > 0 {
		done.Warnings = []string{fmt.Sprintf("%d documents changed while this ran and were left for the next run", n)}
	}
	return done, err
}
