package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
	"ucorefs.io/maintenance/pkg/report"
)

// errLocked is how ask ends for --queue where another run held the lock.
var errLocked = errors.New("another run holds the lock")

// isLocked tells whether a run did not begin because another one held the lock.
func isLocked(run *v1alpha1.RunResult) bool {
	return report.Outcome(run.Outcome) == report.Skipped && report.Reason(run.Reason) == report.ReasonLocked
}

// queue asks for a run, again and again until one gets the lock, or --timeout is over.
func (s *session) queue(ctx context.Context, cluster *kubectlmaint.Cluster, name string, a asking) error {
	begun, most := s.now(), a.timeout
	for {
		err := s.ask(ctx, cluster, name, a)
		if !errors.Is(err, errLocked) {
			return err
		}
		bounded, cancel := context.WithCancel(ctx)
		if most > 0 {
			bounded, cancel = context.WithTimeoutCause(ctx, most-s.now().Sub(begun), kubectlmaint.ErrTimeout)
		}
		err = cluster.AwaitTurn(bounded)
		cancel()
		if err != nil {
			return fmt.Errorf("%s waits for the lock: %w", name, err)
		}
		if most > 0 {
			a.timeout = max(most-s.now().Sub(begun), time.Second)
		}
	}
}
