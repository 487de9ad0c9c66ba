package detect

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// RecordedRoots are the paths of the roots that the library itself records, sorted; none where it records no roots. A
// path may be that of another machine.
func RecordedRoots(ctx context.Context, db *mongodb.Reader, files library.Files) (paths []string, err error) {
	from := files.Roots
	if from == nil {
		return nil, nil
	}
	o := mongodb.ScanOptions{Fields: append(from.Where.Fields(), from.Path)}
	err = db.Scan(ctx, from.Collection, o, func(doc bson.Raw) error {
		if p, ok := doc.Lookup(from.Path).StringValueOK(); ok && p != "" && from.Where.Matches(doc) {
			paths = append(paths, p)
		}
		return nil
	})
	slices.Sort(paths) // a server may give them in any order
	return slices.Compact(paths), err
}
