package stores

import (
	"context"
	"fmt"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/internal/driver"
	"ucorefs.io/maintenance/pkg/roots"
)

// RootsCollection holds what is known of each library root: a document for each path under which one was given.
const RootsCollection = "maintenance_roots"

type rootRecord struct {
	Path       string   `bson:"_id"`
	FileSystem string   `bson:"file_system"`
	Inode      string   `bson:"inode"` // in digits, since BSON has no unsigned number
	Marker     string   `bson:"marker"`
	Mounts     []string `bson:"mounts"`
	Empty      []string `bson:"empty,omitempty"`
	Sample     []string `bson:"sample"`
	Accepted   bool     `bson:"accepted,omitempty"`
}

// KnownRoots are all library roots that an earlier run recorded, by their path.
func KnownRoots(ctx context.Context, r *mongodb.Reader) (map[string]roots.Known, error) {
	known := map[string]roots.Known{}
	err := r.Scan(ctx, RootsCollection, mongodb.ScanOptions{}, func(doc bson.Raw) error {
		var r rootRecord
		if err := bson.Unmarshal(doc, &r); err != nil {
			return fmt.Errorf("read a library root's record: %w", err)
		}
		inode, err := strconv.ParseUint(r.Inode, 10, 64)
		if err != nil {
			return fmt.Errorf("read the record of library root %q: %w", r.Path, err)
		}
		known[r.Path] = roots.Known{
			Path: r.Path, FileSystem: r.FileSystem, Inode: inode, Marker: r.Marker, Mounts: r.Mounts, Sample: r.Sample,
			Accepted: r.Accepted, Empty: r.Empty,
		}
		return nil
	})
	return known, err
}

// SaveRoot records what is known of a library root.
func SaveRoot(ctx context.Context, w *mongodb.Writer, k roots.Known) error {
	if err := w.MayWrite(ctx, "write to", RootsCollection); err != nil {
		return err
	}
	r := rootRecord{
		Path: k.Path, FileSystem: k.FileSystem, Inode: strconv.FormatUint(k.Inode, 10), Marker: k.Marker, Mounts: k.Mounts,
		Sample: k.Sample, Accepted: k.Accepted, Empty: k.Empty,
	}
	filter := bson.D{{Key: "_id", Value: r.Path}}
	err := connection.Confirm(ctx, func(ctx context.Context) error {
		_, err := w.Connection(driver.Key{}).DB().Collection(RootsCollection).ReplaceOne(ctx, filter, r,
			options.Replace().SetUpsert(true))
		return err
	})
	if err != nil {
		return fmt.Errorf("record the library root %q: %w", k.Path, err)
	}
	return nil
}
