package cleanuporphanedfilerecords

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/roots"
	"ucorefs.io/maintenance/pkg/tasks"
)

type executor struct{ open disk }

// execute remembers the roots, keeps the notes, and deletes what is due and still missing.
func (e executor) execute(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) (tasks.Done, error) {
	done := tasks.Done{Counts: p.counts(0)}
	open, err := e.enterAgain(ctx, p)
	defer func() { closeAll(open) }()
	if err != nil {
		return done, err
	}
	if done.Verdict = troubleOf(p.roots); done.Verdict != nil {
		return done, nil
	}
	if err := rememberRoots(ctx, env, w, p, open, &done); err != nil {
		return done, err
	}
	if err := keepNotes(ctx, env, w, p); err != nil {
		return done, err
	}
	if err := deleteDue(ctx, env, w, p, open, &done); err != nil {
		return done, err
	}
	if err := p.place.forget(ctx); err != nil {
		return done, err
	}
	done.Message = p.message(done.Counts["recordsDeleted"], "were deleted")
	if v := p.partial(); v != nil {
		v.Message, done.Verdict = done.Message, v
	}
	return done, nil
}

// enterAgain opens the roots anew, and verifies them against what gather found them to be.
func (e executor) enterAgain(ctx context.Context, p plan) ([]openLibrary, error) {
	open := make([]openLibrary, len(p.roots))
	for i, r := range p.roots {
		now := &root{path: r.path, elsewhere: r.elsewhere}
		now.known, _ = r.next()
		l, err := e.open.enter(ctx, now)
		if err != nil {
			return open, err
		}
		open[i], r.trouble = l, now.trouble
	}
	return open, nil
}

// rememberRoots records the roots in which recorded files are alive, and marks those that have no marker yet.
func rememberRoots(
	ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan, open []openLibrary, done *tasks.Done,
) error {
	for i, r := range p.roots {
		next, ok := r.next()
		if !ok {
			continue
		}
		if next.Marker == "" {
			id, err := open[i].Mark(markerID(env, r))
			if err != nil && r.known.Path == "" {
				done.Warnings = append(done.Warnings, fmt.Sprintf("root %q got no marker, so it is known by its file system and inode only: %v", r.path, err))
			}
			next.Marker = id
		}
		if next.Equal(r.known) {
			continue
		}
		if err := w.SaveRoot(ctx, next); err != nil {
			return err
		}
	}
	return nil
}

// markerID is an id for a root that no other has: it is made of the run that sees it first, and of what it is.
func markerID(env tasks.Env, r *root) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %q %s %d", env.RunID, env.Now, r.path, r.identity.FileSystem, r.identity.Inode))
	return hex.EncodeToString(sum[:16])
}

func keepNotes(ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan) error {
	if err := w.ForgetMissing(ctx, p.stale); err != nil {
		return err
	}
	notes := make([]mongodb.MissingNote, len(p.fresh))
	for i, m := range p.fresh {
		notes[i] = mongodb.MissingNote{Record: m.id, Path: m.text(), Run: env.RunID, FirstSeen: env.Now}
	}
	return w.NoteMissing(ctx, notes)
}

// deleteDue takes away what is due and missing in a last look too: first what points at the records, then they, then their notes.
func deleteDue(
	ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan, open []openLibrary, done *tasks.Done,
) error {
	gone, err := stillMissing(ctx, w, p, open)
	if err != nil {
		return err
	}
	if left := len(p.due) - len(gone); left > 0 {
		done.Warnings = append(done.Warnings, fmt.Sprintf("%d files came back, moved, or could not be looked for again while this ran: their records were left alone", left))
	}
	changed, err := removeReferences(ctx, env, w, p, gone)
	if err != nil {
		return err
	}
	env.Progress.Start("deleting records", int64(len(gone)))
	defer env.Progress.Done()
	for some := range slices.Chunk(gone, batch) {
		deleted, left, err := deleteRecords(ctx, env, w, p, some)
		done.Counts["recordsDeleted"] += deleted
		changed += left
		if err != nil {
			return err
		}
		env.Progress.Add(int64(len(some)))
	}
	if changed > 0 {
		done.Warnings = append(done.Warnings, fmt.Sprintf("%d documents changed while this ran and were left for the next run", changed))
	}
	return nil
}

// batch is how many records are deleted between two looks at the progress.
const batch = 500

// stillMissing are the due records that the last look does not find either, and that still have the path that was judged.
func stillMissing(ctx context.Context, w *mongodb.Writer, p plan, open []openLibrary) (gone []missing, err error) {
	verdicts, err := lookFor(ctx, &p.facts, p.due, open)
	if err != nil {
		return nil, err
	}
	for i, m := range p.due {
		if verdicts[i] != roots.Missing {
			continue
		}
		doc, err := w.Document(ctx, p.model.files, m.id)
		if err != nil {
			return nil, err
		}
		if doc != nil && mongodb.Reference(doc, p.model.path) == m.path {
			gone = append(gone, m)
		}
	}
	return gone, nil
}

func deleteRecords(
	ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan, some []missing,
) (deleted, changed int64, err error) {
	deletions, ids := make([]mongodb.Deletion, len(some)), make([]mongodb.ID, len(some))
	for i, m := range some {
		ids[i] = m.id
		deletions[i] = mongodb.Deletion{ID: m.id, If: map[string]mongodb.Value{p.model.path: m.path}}
	}
	deleted, changed, err = w.DeleteJournaled(ctx, env.RunID, p.model.files, deletions)
	if err != nil {
		return deleted, changed, err
	}
	return deleted, changed, w.ForgetMissing(ctx, ids)
}

func removeReferences(
	ctx context.Context, env tasks.Env, w *mongodb.Writer, p plan, records []missing,
) (changed int64, err error) {
	gone := &mongodb.IDSet{}
	for _, m := range records {
		gone.Add(m.id)
	}
	var updates []mongodb.Update
	for _, a := range p.albums {
		if u := a.shorten(p.model, gone); len(u.Fields) > 0 {
			updates = append(updates, u)
		}
	}
	written, err := w.UpdateJournaled(ctx, env.RunID, p.model.albums, updates)
	if err != nil {
		return written.Changed, err
	}
	var deletions []mongodb.Deletion
	for _, e := range p.embeddings {
		if gone.Has(e.file) {
			deletions = append(deletions, mongodb.Deletion{ID: e.id, If: map[string]mongodb.Value{p.model.embedded: e.file}})
		}
	}
	_, n, err := w.DeleteJournaled(ctx, env.RunID, p.model.embeddings, deletions)
	return written.Changed + n, err
}
