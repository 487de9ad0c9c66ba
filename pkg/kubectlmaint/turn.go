package kubectlmaint

import (
	"context"
	"time"
)

// turnPause is the pause between two looks at the runs that are under way; turnLimit is after how many of them a run is
// asked for all the same, since who holds a lock may be elsewhere.
const (
	turnPause = 5 * time.Second
	turnLimit = 12
)

// AwaitTurn returns when no run of the namespace is under way, after a minute at the latest. The error is the cause of
// ctx's end.
func (c *Cluster) AwaitTurn(ctx context.Context) error {
	for range turnLimit {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(turnPause):
		}
		found, err := c.list(ctx, c.Namespace, "")
		if err != nil && !isPassing(err) {
			return explain("list the schedules", err)
		}
		active := 0
		for _, ms := range found.Items {
			active += len(ms.Status.Active)
		}
		if err == nil && active == 0 {
			return nil
		}
	}
	return nil
}
