package check

import (
	"context"
	"errors"

	"ucorefs.io/maintenance/pkg/declare"
	"ucorefs.io/maintenance/pkg/detect"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/roots"
)

// libraryRootFlag is the flag that names a library root.
const libraryRootFlag = "library-root"

// Gather looks at the database and the folders that the options name. What the server does not let this user see stays
// unknown.
func Gather(ctx context.Context, db *mongodb.Reader, o jobspec.Options, declared library.Library,
	all []jobspec.Task) (Facts, error) {
	f := Facts{Options: o, Tasks: all, Database: db.Name(), Server: db.Facts(), Documents: map[string]int64{}}
	found, err := detect.Library(ctx, db, declared)
	var none *library.NotFoundError
	switch {
	case errors.As(err, &none):
		f.NoLibrary = none.Error()
	case err != nil:
		return f, err
	}
	f.Library, f.Existing = found.Library, found.Existing
	for _, name := range f.Existing {
		f.Documents[name] = db.Estimate(ctx, name)
	}
	if f.Rights, err = rights(ctx, db); err != nil {
		return f, err
	}
	known, err := stores.KnownRoots(ctx, db)
	if err != nil {
		known = map[string]roots.Known{}
	}
	f.Folders = folders(o, known)
	if f.NoLibrary != "" {
		return f, nil
	}
	if err := f.libraryRoots(ctx, db, known); err != nil {
		return f, err
	}
	f.Undeclared, err = declare.Undeclared(ctx, db, f.Library, f.Existing)
	return f, err
}

// libraryRoots looks at the roots that the library records, as a run without --library-root does, and at what lies in
// all roots.
func (f *Facts) libraryRoots(ctx context.Context, db *mongodb.Reader, known map[string]roots.Known) error {
	if f.Library.Files == nil {
		return nil
	}
	recorded, err := detect.RecordedRoots(ctx, db, *f.Library.Files)
	if err != nil {
		return err
	}
	if len(f.Options.LibraryRoots) == 0 {
		f.addRecorded(recorded, known)
	}
	return f.place(ctx, db, recorded, known, maxPlaced)
}

// addRecorded adds the folders of the roots that the library records.
func (f *Facts) addRecorded(recorded []string, known map[string]roots.Known) {
	here, absent := roots.NewMap(f.Options.PathMaps, nil).Here(recorded, known, files.Exists)
	f.AbsentRoots = absent
	for _, path := range here {
		folder := libraryRoot(libraryRootFlag, path, known[path])
		folder.Recorded = true
		f.Folders = append(f.Folders, folder)
	}
}

// rights are the zero Rights where the server does not have the command.
func rights(ctx context.Context, db *mongodb.Reader) (admin.Rights, error) {
	found, err := admin.RightsOf(ctx, db)
	var refused *connection.RefusedError
	if errors.As(err, &refused) {
		return admin.Rights{}, nil
	}
	return found, err
}
