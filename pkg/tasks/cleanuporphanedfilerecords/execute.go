package cleanuporphanedfilerecords

import (
	"context"
	"fmt"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// run is one execution of a plan.
type run struct {
	plan
	batch int
	env   tasks.Env
	w     *mongodb.Writer
	again []*root // the roots as they are now
	done  tasks.Done
}

// execute remembers the roots, keeps the notes, and deletes what is due and still missing.
func (s settings) execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	r := &run{plan: p, batch: s.batch, env: env, w: w, done: tasks.Done{Counts: p.counts()}}
	defer func() { closeAll(r.again) }()
	if err := r.enterAgain(ctx, s.open); err != nil {
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

// enterAgain opens the roots anew, and verifies them against what gather found them to be. A root that was in trouble
// stays there: nothing is known of its records.
func (r *run) enterAgain(ctx context.Context, open opener) error {
	for _, was := range r.roots {
		now := was
		if was.Trouble == "" {
			now = was.anew()
			if err := open.enter(ctx, now, ""); err != nil {
				return err
			}
			now.Seen = false // the next run sees it beside what is stored
		}
		r.again = append(r.again, now)
	}
	return nil
}

// rememberRoots records the roots in which recorded files are alive, and marks those that have no marker yet.
func (r *run) rememberRoots(ctx context.Context) error {
	for i, found := range r.roots {
		next, ok := found.toRemember()
		if !ok || r.again[i].Trouble != "" {
			continue
		}
		if next.Marker == "" {
			id, err := r.again[i].disk.Mark(markerID(r.env, found))
			if err != nil && found.known.Path == "" {
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

// rememberMounts records, of a refused run, the mount points that it met below roots that are what they were: what lies
// on a disk that is not mounted at the next run is unknown then. Nothing else of what is known changes.
func rememberMounts(ctx context.Context, w *mongodb.Writer, p plan) error {
	for _, r := range p.roots {
		next := r.Known.WithMounts(r.mounts)
		if r.Known.Path == "" || r.Trouble != "" || next.Equal(r.Known) {
			continue
		}
		if err := stores.SaveRoot(ctx, w, next); err != nil {
			return err
		}
	}
	return nil
}

// markerID is an id for a root that no other has: it is made of the run that sees it first, and of what it is.
func markerID(env tasks.Env, r *root) string {
	is := r.Identity
	return tasks.Digest([]string{fmt.Sprintf("%s %s %q %s %d", env.RunID, env.Now, r.Path, is.FileSystem, is.Inode)})[:32]
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
	notes := make([]stores.MissingNote, len(r.fresh))
	for i, m := range r.fresh {
		notes[i] = stores.MissingNote{Record: m.id, Path: m.text(), Run: r.env.RunID, FirstSeen: r.env.Now}
	}
	return stores.NoteMissing(ctx, r.w, notes)
}
