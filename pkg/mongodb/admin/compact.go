package admin

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Space is what one collection takes on disk.
type Space struct {
	// Bytes is the storage of the documents and the indexes.
	Bytes int64
	// Reusable is how much of that compaction is expected to return; Known is false where the server does not say.
	Reusable int64
	Known    bool
}

// MeasureSpace asks how large a collection is and what compacting it would return. The compact command itself is asked,
// as a dry run, where the server has that and mayCompact allows to send it; else it is the free bytes in the files.
func MeasureSpace(ctx context.Context, r *mongodb.Reader, collection string, mayCompact bool) (Space, error) {
	var stats bson.Raw
	if err := run(ctx, r, collection, bson.D{{Key: "collStats", Value: collection}}, &stats); err != nil {
		return Space{}, err
	}
	space := spaceOf(stats)
	if r.Facts().IsFerretDB1() {
		space.Bytes += space.Reusable // there the free bytes are those of the whole database, and are no part of a collection's
	}
	if !mayCompact || !r.Facts().CompactsDry() {
		return space, nil
	}
	var dry bson.Raw
	var not *connection.RefusedError
	err := run(ctx, r, collection, compactCommand(r.Facts(), collection, true), &dry)
	if errors.As(err, &not) {
		return space, nil // the free bytes serve as well
	}
	if n, ok := dry.Lookup("estimatedBytesFreed").AsInt64OK(); ok {
		space.Reusable, space.Known = n, true
	}
	return space, err
}

// spaceOf reads an answer of collStats. WiredTiger counts the free bytes of the documents' file and of each index's;
// other storage gives one figure, or none.
func spaceOf(stats bson.Raw) Space {
	number := func(raw bson.Raw, path ...string) (int64, bool) { return raw.Lookup(path...).AsInt64OK() }
	blocks := []string{"wiredTiger", "block-manager", "file bytes available for reuse"}
	documents, _ := number(stats, "storageSize")
	indexes, _ := number(stats, "totalIndexSize")
	s := Space{Bytes: documents + indexes}
	if s.Reusable, s.Known = number(stats, blocks...); !s.Known {
		s.Reusable, s.Known = number(stats, "freeStorageSize")
		return s
	}
	details, _ := stats.Lookup("indexDetails").DocumentOK()
	elements, _ := details.Elements()
	for _, e := range elements {
		if index, ok := e.Value().DocumentOK(); ok {
			free, _ := number(index, blocks[1:]...)
			s.Reusable += free
		}
	}
	return s
}

// Compact compacts one collection in a place and returns how many bytes its files shrank by there, which may be none.
// It is not called where a place Hurts, unless somebody allowed that.
func Compact(ctx context.Context, w *mongodb.Writer, at *mongodb.Reader, collection string) (freed int64, err error) {
	before, err := MeasureSpace(ctx, at, collection, false)
	if err != nil {
		return 0, err
	}
	if err := w.MayWrite(ctx, "compact", collection); err != nil {
		return 0, err
	}
	var reply bson.Raw
	if err := run(ctx, at, collection, compactCommand(at.Facts(), collection, false), &reply); err != nil {
		return 0, err
	}
	after, err := MeasureSpace(ctx, at, collection, false)
	return max(0, before.Bytes-after.Bytes), err
}

// compactCommand is the command. Where it hurts it wants force; another member gets none, so that it refuses if it has
// become the primary meanwhile.
func compactCommand(f connection.Facts, collection string, dry bool) bson.D {
	command := bson.D{{Key: "compact", Value: collection}}
	if f.CompactionHurts() {
		command = append(command, bson.E{Key: "force", Value: true})
	}
	if dry {
		command = append(command, bson.E{Key: "dryRun", Value: true})
	}
	return command
}
