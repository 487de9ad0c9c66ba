package rootlist

import (
	"context"
	"fmt"
	"path"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// rootsAccepted is the key of the only count.
const rootsAccepted = "rootsAccepted"

// Accept records a root as it is now, if the digest names exactly that state. The next run judges the records of the
// root again. Its missing files wait for their grace period, as everywhere. With noMounts, folders of the root that
// were mount points and are none now count as plain folders.
func Accept(folder, digest string, noMounts bool) tasks.Task {
	folder = path.Clean(folder)
	prepare := func(ctx context.Context, env tasks.Env) (tasks.Plan, error) {
		known, err := stores.KnownRoots(ctx, env.DB)
		if err != nil {
			return tasks.Plan{}, err
		}
		state, err := inspect(ctx, folder, known[folder])
		if err != nil {
			return tasks.Plan{}, err
		}
		return plan(state, digest, noMounts), nil
	}
	return tasks.Task{Task: jobspec.AcceptRootTask(), Prepare: prepare}
}

// plan is pure.
func plan(s roots.State, digest string, noMounts bool) tasks.Plan {
	p := tasks.Plan{Counts: report.Counts{rootsAccepted: 0}, Digest: s.Digest()}
	refuse := func(format string, args ...any) tasks.Plan {
		message := "nothing was accepted: " + fmt.Sprintf(format, args...)
		p.Verdict = &tasks.Verdict{Outcome: report.Refused, Reason: report.ReasonRootNotMounted, Message: message}
		return p
	}
	switch {
	case p.Digest == "":
		return refuse("the root %q %s", s.Path, s.Trouble)
	case p.Digest != digest:
		return refuse("the root %q is not in the state that the digest names: %s; look at it with maint-job roots, then "+
			"accept it with --digest=%s", s.Path, verdict(s), p.Digest)
	}
	p.Counts[rootsAccepted] = 1
	p.Message = fmt.Sprintf("the root %q would be accepted as it is now", s.Path)
	accepted := s.Accepted()
	if noMounts {
		accepted.Mounts, accepted.Empty = nil, nil
	}
	p.Execute = func(ctx context.Context, w *mongodb.Writer) (tasks.Done, error) {
		if err := stores.SaveRoot(ctx, w, accepted); err != nil {
			return tasks.Done{Counts: report.Counts{rootsAccepted: 0}}, err
		}
		message := fmt.Sprintf("the root %q is accepted as it is now", s.Path)
		return tasks.Done{Counts: report.Counts{rootsAccepted: 1}, Message: message}, nil
	}
	return p
}
