package cleanuporphanedrecords

import (
	"context"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/references"
	"ucorefs.io/maintenance/pkg/tasks"
)

func execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: references.NoCounts(p.Library)}
	conflicts, err := p.Execute(ctx, w, env.RunID, env.Progress, done.Counts)
	tasks.Add(&done.Warnings, conflicts, "%d documents changed while this ran and were left for the next run")
	return done, err
}
