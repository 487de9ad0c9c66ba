package sharing

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// Why a helper stops.
var (
	errOver   = errors.New("the run is over")
	errSilent = errors.New("the process that leads the run gives no sign of life")
)

// Join prepares a helper for a collection. Ok is false where it cannot help there.
type Join func(ctx context.Context, scan, collection string) (o mongodb.ScanOptions, newPart func() Part, ok bool,
	err error)

// Help reads ranges of one scan of the run after the other, and ends when the run has ended or gives no sign of life.
func (t *Team) Help(ctx context.Context, join Join) (Helped, error) {
	h := &helper{Team: t, join: join}
	h.hear()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go h.watch(ctx, stop)
	err := h.help(ctx)
	switch {
	case errors.Is(context.Cause(ctx), errOver):
		return h.sum, h.forget(ctx)
	case errors.Is(err, errSilent):
		return h.sum, nil
	}
	return h.sum, err
}

// forget removes what this process has stored since the leader removed all.
func (h *helper) forget(ctx context.Context) error {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return h.shares().Clear(ending)
}

// helper is a process that helps.
type helper struct {
	*Team
	join  Join
	last  string // the scan that was read to its end, or that it cannot help with
	sum   Helped
	heard atomic.Int64 // when the leader last gave a sign of life
}

func (h *helper) hear() { h.heard.Store(time.Now().UnixNano()) }

// watch stops the helper when the run is over, also in the middle of a range.
func (h *helper) watch(ctx context.Context, stop context.CancelCauseFunc) {
	for h.wait(ctx) == nil {
		if _, state, err := h.shares().Announced(ctx); err == nil && state == stores.ShareEnded {
			stop(errOver)
		}
	}
}

func (h *helper) help(ctx context.Context) error {
	for {
		name, err := h.next(ctx)
		if err != nil {
			return err
		}
		if err := h.scan(ctx, name); err != nil {
			return err
		}
		h.last = name
	}
}

// next waits for a scan to help with. It is errSilent where the leader gave no sign of life for too long.
func (h *helper) next(ctx context.Context) (string, error) {
	for {
		name, _, err := h.shares().Announced(ctx)
		if err != nil {
			return "", err
		}
		leads, err := h.leads(ctx)
		switch {
		case err != nil:
			return "", err
		case leads && name != "" && name != h.last:
			return name, nil
		}
		if err := h.wait(ctx); err != nil {
			return "", err
		}
	}
}

// leads tells whether the leader holds the run's lock. It is errSilent where it has not for too long.
func (h *helper) leads(ctx context.Context) (bool, error) {
	held, err := h.DB.IsHeld(ctx, h.Run, h.Task)
	switch {
	case err != nil:
		return false, err
	case held:
		h.hear()
	case time.Since(time.Unix(0, h.heard.Load())) > h.patience():
		return false, errSilent
	}
	return held, nil
}

// scan reads ranges until all have been read by somebody.
func (h *helper) scan(ctx context.Context, name string) error {
	plan, there, err := h.shares().Plan(ctx, name)
	if err != nil || !there {
		return err
	}
	o, newPart, ok, err := h.join(ctx, name, plan.Collection)
	if err != nil || !ok {
		return err
	}
	s := h.Team.scan(name, plan, h.leads)
	defer func() {
		h.sum.Ranges, h.sum.Documents = h.sum.Ranges+s.sum.Ranges, h.sum.Documents+s.sum.Documents
	}()
	for {
		if err := s.work(ctx, o, newPart); err != nil {
			return err
		}
		switch done, err := s.shares.Done(ctx, name); {
		case err != nil:
			return err
		case len(done) == len(s.ranges):
			return nil
		}
		if now, _, err := h.shares().Announced(ctx); err != nil || now != name {
			return err // the leader is elsewhere
		}
		if err := h.wait(ctx); err != nil {
			return err
		}
	}
}
