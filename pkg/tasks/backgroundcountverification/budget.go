package backgroundcountverification

import (
	"math"
	"time"

	"ucorefs.io/maintenance/pkg/tasks"
)

// budget is the time that a run may spend, from when the task began.
type budget struct {
	elapsed func() time.Duration
	began   time.Duration
	limit   time.Duration // 0: none
}

// budgetSince is the budget of a run whose task began at a time that env.Elapsed gave.
func budgetSince(env tasks.Env, began time.Duration) budget {
	return budget{elapsed: env.Elapsed, began: began, limit: max(0, env.Options.TimeBudget)}
}

// left is what is not spent yet; it may be negative.
func (b budget) left() time.Duration {
	if b.limit == 0 {
		return math.MaxInt64
	}
	return b.limit - (b.elapsed() - b.began)
}

func (b budget) spent() bool { return b.left() <= 0 }
