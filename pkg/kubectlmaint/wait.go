package kubectlmaint

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/watch"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// again is the pause before an API server that went away is asked again.
const again = time.Second

// Wait watches the schedule until the request has ended. It tells each new word about it once. The error is ctx's cause
// when that ends first: the run goes on all the same.
func (c *Cluster) Wait(ctx context.Context, name string, request Request,
	tell func(word string)) (*v1alpha1.RunResult, error) {
	var last Progress
	ended, err := c.await(ctx, name, request, func(p Progress) {
		if p.Word != last.Word {
			tell(p.Word)
		}
		last = p
	})
	if ctx.Err() != nil {
		return nil, &UnendedError{Run: request.Run, Begun: last.Begun, Word: last.Word, Cause: context.Cause(ctx)}
	}
	return ended, err
}

// errBegun is the cause of a wait that ended because the run was made.
var errBegun = errors.New("the run was made")

// AwaitBegin returns when the run of a request was made. The error says why none will be, or is ctx's when that
// ends first.
func (c *Cluster) AwaitBegin(ctx context.Context, name string, request Request) error {
	waiting, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	_, err := c.await(waiting, name, request, func(p Progress) {
		if p.Begun {
			stop(errBegun)
		}
	})
	if errors.Is(context.Cause(waiting), errBegun) {
		return nil
	}
	return err
}

// await tells of each look at the request until it has ended, and goes on after an API server that went away for a
// while.
func (c *Cluster) await(
	ctx context.Context, name string, request Request, see func(Progress),
) (*v1alpha1.RunResult, error) {
	for {
		ended, err := c.waitOnce(ctx, name, request, see)
		if ended != nil || ctx.Err() != nil || err != nil && !isPassing(err) {
			return ended, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

// waitOnce is one read and one watch from there; the API server ends it after some minutes, with neither a run nor an
// error.
func (c *Cluster) waitOnce(ctx context.Context, name string, request Request,
	tell func(Progress)) (*v1alpha1.RunResult, error) {
	ms, err := c.Schedule(ctx, name)
	if err != nil {
		return nil, err
	}
	if p := request.Follow(ms); p.Ended != nil || p.Never != nil {
		return p.Ended, p.Never
	} else {
		tell(p)
	}
	changes, err := c.watch(ctx, ms)
	if err != nil {
		return nil, explain("watch the schedule "+name, err)
	}
	defer changes.Stop()
	for change := range changes.ResultChan() {
		ms, ok := change.Object.(*v1alpha1.MaintenanceSchedule)
		switch {
		case change.Type == watch.Deleted:
			return nil, fmt.Errorf("the schedule %s was deleted, and its runs with it", name)
		case !ok:
			return nil, nil // the version is too old to watch from: read again
		}
		p := request.Follow(ms)
		if p.Ended != nil || p.Never != nil {
			return p.Ended, p.Never
		}
		tell(p)
	}
	return nil, nil
}

// ForgetDryRun removes what said that a request was a dry run, once that has ended: whoever changes run-now by hand
// next means a real run. If somebody else asked for a run since, the word is theirs and stays: without it their dry run
// would be a real one.
func (c *Cluster) ForgetDryRun(ctx context.Context, name string, request Request) error {
	ms, err := c.Schedule(ctx, name)
	if err != nil || ms.Annotations[v1alpha1.AnnotationRunNow] != request.Value {
		return err
	}
	if _, err = c.Patch(ctx, name, forgetDryRunPatch(ms.ResourceVersion)); apierrors.IsConflict(err) {
		return c.ForgetDryRun(ctx, name, request) // somebody changed it since: look again
	}
	return err
}

// isPassing tells whether an API server that is being restarted or is busy would answer so.
func isPassing(err error) bool {
	return apierrors.IsServerTimeout(err) || apierrors.IsTooManyRequests(err) || apierrors.IsServiceUnavailable(err) ||
		utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err)
}

// ErrTimeout is the cause of a wait that took as long as the person allowed.
var ErrTimeout = errors.New("it took longer than --timeout")
