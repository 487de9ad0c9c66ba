package mongodb

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Space is what one collection takes on disk.
type Space struct {
	// Bytes is the storage of the documents and the indexes.
	Bytes int64
	// Reusable is how much of that compaction is expected to return; Known is false where the server does not say.
	Reusable int64
	Known    bool
}

// CompactionHurts tells whether compact would run where clients write: on the primary of a replica set, or behind a mongos, where
// nobody can choose the member. It is for the secondaries first. FerretDB 1 locks all clients out while it compacts, or else
// returns nothing.
func (f Facts) CompactionHurts() bool {
	return f.Topology == Sharded || f.Topology == ReplicaSet && f.Primary || f.isFerretDB1()
}

// compactsDry tells whether compact has dryRun, and so says itself what would come back: MongoDB since 8.0.
func (f Facts) compactsDry() bool {
	major, err := strconv.Atoi(strings.SplitN(f.Version, ".", 2)[0])
	return f.FerretDB == "" && err == nil && major >= 8
}

// Space asks how large a collection is and what compacting it would return. The compact command itself is asked, as a dry run,
// where the server has that and mayCompact allows to send it; else it is the free bytes in the files.
func (r *Reader) Space(ctx context.Context, collection string, mayCompact bool) (Space, error) {
	var stats bson.Raw
	if err := r.command(ctx, collection, bson.D{{Key: "collStats", Value: collection}}, &stats); err != nil {
		return Space{}, err
	}
	space := spaceOf(stats)
	if r.facts.isFerretDB1() {
		space.Bytes += space.Reusable // there the free bytes are those of the whole database, and are no part of a collection's
	}
	if !mayCompact || !r.facts.compactsDry() {
		return space, nil
	}
	var dry bson.Raw
	var not *RefusedError
	err := r.command(ctx, collection, r.compact(collection, true), &dry)
	if errors.As(err, &not) {
		return space, nil // the free bytes serve as well
	}
	if n, ok := dry.Lookup("estimatedBytesFreed").AsInt64OK(); ok {
		space.Reusable, space.Known = n, true
	}
	return space, err
}

// spaceOf reads an answer of collStats. WiredTiger counts the free bytes of the documents' file and of each index's; other storage
// gives one figure, or none.
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

// Compact compacts one collection and returns how many bytes its files shrank by, which may be none. Whoever calls it where
// CompactionHurts has been told to.
func (w *Writer) Compact(ctx context.Context, collection string) (freed int64, err error) {
	before, err := w.Space(ctx, collection, false)
	if err != nil {
		return 0, err
	}
	if err := w.mayWrite(ctx, "compact", collection); err != nil {
		return 0, err
	}
	var reply bson.Raw
	if err := w.command(ctx, collection, w.compact(collection, false), &reply); err != nil {
		return 0, err
	}
	after, err := w.Space(ctx, collection, false)
	return max(0, before.Bytes-after.Bytes), err
}

// compact is the command. Where it hurts it wants force; another member gets none, so that it refuses if it has become the
// primary meanwhile.
func (r *Reader) compact(collection string, dry bool) bson.D {
	command := bson.D{{Key: "compact", Value: collection}}
	if r.facts.CompactionHurts() {
		command = append(command, bson.E{Key: "force", Value: true})
	}
	if dry {
		command = append(command, bson.E{Key: "dryRun", Value: true})
	}
	return command
}
