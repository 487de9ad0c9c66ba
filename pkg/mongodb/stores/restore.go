package stores

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/journal"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
)

// PreviewRestore is what Restore would do now.
func PreviewRestore(ctx context.Context, r *mongodb.Reader, run string) (journal.Restored, error) {
	var undoing journal.Undoing
	known, err := eachEntry(ctx, r, run, func(e storedEntry) error {
		switch {
		case e.damage != nil:
			undoing.Fail(e.name, e.damage)
			return nil
		case e.restored:
			undoing.Add(e.name, journal.Earlier)
			return nil
		}
		current, err := r.Document(ctx, e.collection, e.document)
		if err == nil {
			undoing.Add(e.name, undoing.Foresee(e.name, e.entry, journal.DigestOf(current)))
		}
		return err
	})
	done := undoing.Done()
	done.TookNothing = known && done.Entries == 0
	return done, err
}

// Restore undoes a run, its last entry first, and notes in each entry that it was undone, so that another restore does
// not bring back what its owner deletes meanwhile. What was written since is left alone and counted as a conflict, and
// what cannot be undone is counted as failed; neither stops the others. On an error it is what was restored until then.
func Restore(ctx context.Context, w *mongodb.Writer, run string) (journal.Restored, error) {
	u := &undoer{w: w}
	_, err := eachEntry(ctx, w.Reader, run, func(e storedEntry) error { return u.undo(ctx, e) })
	return u.undoing.Done(), errors.Join(err, u.note(ctx))
}

// undoer undoes entries one by one.
type undoer struct {
	w       *mongodb.Writer
	undoing journal.Undoing
	undone  []mongo.WriteModel // the notes of entries that are undone
}

func (u *undoer) undo(ctx context.Context, e storedEntry) error {
	if e.restored {
		u.undoing.Add(e.name, journal.Earlier)
		return nil
	}
	action, err := u.act(ctx, e)
	switch {
	case isDocuments(err):
		u.undoing.Fail(e.name, err)
		return nil
	case err != nil:
		return err
	}
	u.undoing.Add(e.name, action)
	if action == journal.Conflict {
		return nil
	}
	byID := bson.D{{Key: "_id", Value: e.id}}
	note := bson.D{{Key: "$set", Value: bson.D{{Key: "restored_at", Value: time.Now().UTC()}}}}
	u.undone = append(u.undone, mongo.NewUpdateOneModel().SetFilter(byID).SetUpdate(note))
	if len(u.undone) < u.w.Facts().MaxUpdates {
		return nil
	}
	return u.note(ctx)
}

// note writes down which entries were undone.
func (u *undoer) note(ctx context.Context) error {
	if len(u.undone) == 0 {
		return nil
	}
	undone := u.undone
	u.undone = nil
	_, err := u.w.Bulk(ctx, driver.Key{}, mongodb.JournalCollection, undone)
	return err
}

func (u *undoer) act(ctx context.Context, e storedEntry) (journal.Action, error) {
	if e.damage != nil {
		return "", e.damage
	}
	current, err := u.w.Document(ctx, e.collection, e.document)
	if err != nil {
		return "", err
	}
	action := e.entry.Undo(current)
	if action != journal.Insert && action != journal.Replace {
		return action, nil
	}
	original, err := e.entry.Original(current)
	if err != nil {
		return "", err
	}
	put := replace
	if action == journal.Insert {
		put = insert
	}
	done, err := put(ctx, u.w, e.collection, current, original)
	switch {
	case err != nil:
		return "", fmt.Errorf("restore a document of %s: %w", e.collection, err)
	case !done:
		return journal.Conflict, nil // somebody was quicker
	}
	return action, nil
}

// errRefused says that the server refused an update for what it does to one document; the Writer's Refusals have the
// server's words.
var errRefused = errors.New("the server refused the document")

// isDocuments tells whether an error is of one document or entry, so that another one may succeed.
func isDocuments(err error) bool {
	if errors.Is(err, journal.ErrDamaged) || errors.Is(err, errRefused) {
		return true
	}
	var server mongo.ServerError
	return errors.As(err, &server) && !connection.IsUnreachable(err) && !connection.IsAuthentication(err) &&
		!connection.IsTimeout(err)
}

func insert(
	ctx context.Context, w *mongodb.Writer, collection string, _, original bson.Raw,
) (done bool, err error) {
	if err := w.MayWrite(ctx, "restore a document of", collection); err != nil {
		return false, err
	}
	err = connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := w.Connection(driver.Key{}).DB().Collection(collection).InsertOne(ctx, original)
		return err
	})
	if mongo.IsDuplicateKeyError(err) {
		return false, nil
	}
	return err == nil, err
}

// replace makes of current the document that it was. It sets the fields that differ, and only where that cannot be,
// since one has a name that cannot be set, the whole document.
func replace(
	ctx context.Context, w *mongodb.Writer, collection string, current, original bson.Raw,
) (done bool, err error) {
	id := bsonvalue.Reference(current, "_id")
	fields, ok := journal.Between(current, original)
	if !ok {
		return replaceWhole(ctx, w, collection, id, original)
	}
	update := mongodb.Update{ID: id}
	for _, f := range fields {
		field := mongodb.Field{Name: f.Name, Old: bsonvalue.Of(f.Old), New: f.New}
		if f.New.IsZero() {
			field.New = bsonvalue.Value{}
		}
		update.Fields = append(update.Fields, field)
	}
	written, err := w.Update(ctx, collection, []mongodb.Update{update})
	if err == nil && written.Refused > 0 {
		return false, errRefused
	}
	return written.Matched > 0, err
}

// replaceWhole names no field: its names may be such that no filter can. The document was compared just before.
func replaceWhole(
	ctx context.Context, w *mongodb.Writer, collection string, id bsonvalue.ID, original bson.Raw,
) (done bool, err error) {
	if err := w.MayWrite(ctx, "restore a document of", collection); err != nil {
		return false, err
	}
	byID := bson.D{{Key: "_id", Value: id.Raw()}}
	err = connection.Confirm(ctx, func(ctx context.Context) error {
		result, err := w.Connection(driver.Key{}).DB().Collection(collection).ReplaceOne(ctx, byID, original)
		done = err == nil && result.MatchedCount > 0
		return err
	})
	return done, err
}
