package check

import (
	"context"
	"errors"
	"fmt"
	"path"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/roots"
)

// maxPlaced is how many records are read to see where they lie. Of a larger library it is only said if none of so many
// records lies in any root.
const maxPlaced = 100_000

// errEnough ends the reading.
var errEnough = errors.New("enough records were read")

// place finds the roots and the path maps that do not match the recorded paths, as a run would; it reads at most so
// many records.
func (f *Facts) place(
	ctx context.Context, db *mongodb.Reader, recorded []string, known map[string]roots.Known, most int,
) error {
	var folders []Folder
	var paths []string
	for _, folder := range f.Folders {
		if folder.Flag == libraryRootFlag {
			folders, paths = append(folders, folder), append(paths, path.Clean(folder.Path))
		}
	}
	if len(paths) == 0 {
		return nil
	}
	placed := roots.NewPlacement(f.Options.PathMaps, paths, recorded)
	whole, err := f.readPaths(ctx, db, most, func(recorded string) { placed.Add(recorded) })
	if err != nil {
		return err
	}
	except := func(i int) bool { return folders[i].Problem != "" || known[paths[i]].Accepted }
	switch {
	case whole:
		f.Mismatches = placed.Mismatches(except)
	case placed.Inside() == 0:
		f.Mismatches = []string{fmt.Sprintf("none of the first %d records lies in a library root, they are such as %q: "+
			"correct --library-root and --path-map", most, placed.Example())}
	}
	return nil
}

// readPaths gives each the paths of the records that have a file, and tells whether it read all of them.
func (f *Facts) readPaths(
	ctx context.Context, db *mongodb.Reader, most int, each func(path string),
) (whole bool, err error) {
	files, n := f.Library.Files, 0
	o := mongodb.ScanOptions{Fields: append(files.Without.Fields(), files.Path)}
	err = db.Scan(ctx, files.Collection, o, func(doc bson.Raw) error {
		if n++; n > most {
			return errEnough
		}
		path, ok := doc.Lookup(files.Path).StringValueOK()
		if ok && (len(files.Without) == 0 || !files.Without.Matches(doc)) {
			each(path)
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return false, nil
	}
	return true, err
}
