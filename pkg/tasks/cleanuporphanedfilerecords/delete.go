package cleanuporphanedfilerecords

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/roots"
)

// deleteDue takes away what is due and missing in a last look too, batch by batch: first what refers to the records,
// then they, then their notes.
func (r *run) deleteDue(ctx context.Context) error {
	r.env.Progress.Start("deleting records", int64(len(r.due)))
	defer r.env.Progress.Done()
	var left, changed int64
	for some := range slices.Chunk(r.due, r.batch) {
		gone, err := r.stillMissing(ctx, some)
		if err != nil {
			return err
		}
		left += int64(len(some) - len(gone))
		conflicts, err := r.deleteBatch(ctx, gone)
		changed += conflicts
		if err != nil {
			return err
		}
		r.env.Progress.Add(int64(len(some)))
	}
	r.warn(left, "%d files came back, moved, or could not be looked for again meanwhile: their records were left alone")
	r.warn(changed, "%d records, or documents that refer to them, were written to meanwhile or could not be changed: they wait for the next run")
	return nil
}

func (r *run) warn(n int64, format string) {
	if n > 0 {
		r.done.Warnings = append(r.done.Warnings, fmt.Sprintf(format, n))
	}
}

// stillMissing is how to delete those of some due records that the last look does not find either, and that still are
// what was judged.
func (r *run) stillMissing(ctx context.Context, some []missing) (gone []mongodb.Deletion, err error) {
	verdicts, err := r.verify(ctx, some, r.again, r.open)
	if err != nil {
		return nil, err
	}
	paths, ids := bsonvalue.IDMap[bsonvalue.Value]{}, []bsonvalue.ID{}
	for i, m := range some {
		if verdicts[i] == roots.Missing {
			paths.Put(m.id, m.path)
			ids = append(ids, m.id)
		}
	}
	files := r.library.Files
	fields := append(files.Without.Fields(), files.Path)
	err = r.w.Documents(ctx, files.Collection, ids, fields, func(doc bson.Raw) error {
		id := bsonvalue.Reference(doc, "_id")
		judged, _ := paths.At(id)
		if bsonvalue.Reference(doc, files.Path) != judged || r.isFileless(doc) {
			return nil
		}
		d := mongodb.Deletion{ID: id, If: map[string]bsonvalue.Value{}}
		for _, name := range fields {
			d.If[name] = bsonvalue.Reference(doc, name)
		}
		gone = append(gone, d)
		return nil
	})
	return gone, err
}

// deleteBatch gives the number of records that were left, since somebody wrote to them or to what refers to them.
func (r *run) deleteBatch(ctx context.Context, gone []mongodb.Deletion) (left int64, err error) {
	ids := make([]bsonvalue.ID, len(gone))
	for i, d := range gone {
		ids[i] = d.ID
	}
	// A record must not go while something refers to it.
	cleared, err := r.referrers.For(ids).Clear(ctx, r.w, r.env.RunID, r.done.Counts)
	switch {
	case err != nil || !cleared && len(gone) <= 1:
		return int64(len(gone)), err
	case !cleared: // because of what refers to one of them
		return r.deleteOneByOne(ctx, gone)
	}
	deleted, left, err := r.journal.Delete(ctx, r.library.Files.Collection, gone)
	r.done.Counts["recordsDeleted"] += deleted
	if err != nil {
		return left, err
	}
	return left, stores.ForgetMissing(ctx, r.w, ids)
}

// deleteOneByOne is deleteBatch for each record alone.
func (r *run) deleteOneByOne(ctx context.Context, gone []mongodb.Deletion) (left int64, err error) {
	for one := range slices.Chunk(gone, 1) {
		n, err := r.deleteBatch(ctx, one)
		left += n
		if err != nil {
			return left, err
		}
	}
	return left, nil
}
