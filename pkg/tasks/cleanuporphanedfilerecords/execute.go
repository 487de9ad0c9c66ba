package cleanuporphanedfilerecords

import (
	"context"
	"fmt"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/presence"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

// run is one execution of a plan.
type run struct {
	plan
	batch int
	env   tasks.Env
	w     *mongodb.Writer
	again *presence.Survey // the roots as they are now
	done  tasks.Done
}

// execute remembers the roots, keeps the notes, and deletes what is due and still missing.
func (s settings) execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	r := &run{plan: p, batch: s.batch, env: env, w: w, done: tasks.Done{Counts: p.counts()}}
	var err error
	r.again, err = p.Again(ctx, s.open)
	defer r.again.Close()
	if err != nil {
		return r.done, err
	}
	if v := p.outcome(r.again, ""); v != nil && v.Outcome == report.Refused {
		r.done.Verdict = v
		return r.done, nil
	}
	if err := tasks.InOrder(ctx, r.rememberRoots, r.keepNotes, r.deleteDue, r.forgetListing); err != nil {
		return r.done, err
	}
	r.done.Message = p.message(r.done.Counts["recordsDeleted"], "were deleted")
	r.done.Verdict = p.outcome(r.again, r.done.Message)
	return r.done, nil
}

// rememberRoots records the roots in which recorded files are alive, and marks those that have no marker yet.
func (r *run) rememberRoots(ctx context.Context) error {
	for i, found := range r.Roots {
		next, ok := found.Remembered()
		now := r.again.Roots[i]
		if !ok || now.Trouble != "" {
			continue
		}
		if next.Marker == "" {
			id, err := now.Mark(markerID(r.env, found.State))
			if err != nil && found.New() {
				r.done.Warnings = append(r.done.Warnings, fmt.Sprintf(
					"root %q got no marker, so it is known by its file system and inode only: %v", found.Path, err))
			}
			next.Marker = id
		}
		if next.Equal(found.Known) {
			continue
		}
		if err := stores.SaveRoot(ctx, r.w, next); err != nil {
			return err
		}
	}
	return nil
}

// rememberMounts records, of a refused run, the mount points that it met below roots that are what they were.
func rememberMounts(ctx context.Context, w *mongodb.Writer, p plan) error {
	for _, r := range p.Roots {
		if next, ok := r.WithMounts(); ok {
			if err := stores.SaveRoot(ctx, w, next); err != nil {
				return err
			}
		}
	}
	return nil
}

// markerID is an id for a root that no other has: it is made of the run that sees it first, and of what it is.
func markerID(env tasks.Env, root roots.State) string {
	is := root.Identity
	return tasks.Digest([]string{fmt.Sprintf("%s %s %q %s %d", env.RunID, env.Now, root.Path, is.FileSystem,
		is.Inode)})[:32]
}

func (r *run) forgetListing(ctx context.Context) error {
	if !r.kept {
		return nil
	}
	return r.env.Checkpoints.Clear(ctx, jobspec.CleanupOrphanedFileRecords)
}

func (r *run) keepNotes(ctx context.Context) error {
	if err := stores.ForgetMissing(ctx, r.w, r.stale); err != nil {
		return err
	}
	notes := make([]stores.MissingNote, len(r.records[fresh]))
	for i, m := range r.records[fresh] {
		notes[i] = stores.MissingNote{Record: m.Record, Path: m.Path, Run: r.env.RunID, FirstSeen: r.env.Now}
	}
	return stores.NoteMissing(ctx, r.w, notes)
}
