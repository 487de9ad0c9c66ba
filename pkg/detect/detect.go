// Package detect finds out which library a database holds, by the names of databases and collections, and where the
// library records that its files are. What the names mean, package library decides. It writes nothing.
package detect

import (
	"context"
	"errors"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
)

// Found is a library and the collections of its database, the undeclared ones included.
type Found struct {
	Library  library.Library
	Existing []string
}

// Library is the declared library, or, where declared is the zero Library, the built-in one whose collections exist.
// Where the database has none of its collections, or those of several, the error is a *library.NotFoundError, which
// names other databases that hold one. Of what the user may not see it says nothing.
func Library(ctx context.Context, db *mongodb.Reader, declared library.Library) (Found, error) {
	existing, err := db.Collections(ctx)
	if err != nil {
		return Found{}, err
	}
	found, err := choose(db.Name(), declared, existing)
	var missing *library.NotFoundError
	if errors.As(err, &missing) {
		missing.Elsewhere = elsewhere(ctx, db, declared)
	}
	return Found{Library: found, Existing: existing}, err
}

// choose is the library that a database with these collections holds, or why there is none.
func choose(database string, declared library.Library, existing []string) (library.Library, error) {
	if declared.Name == "" {
		return library.Find(database, library.BuiltIn(), existing)
	}
	if !declared.IsIn(existing) {
		return library.Library{}, &library.NotFoundError{Database: database, Declared: declared.Name}
	}
	if looks := declared.InsteadOf(library.BuiltIn(), existing); looks != "" {
		return library.Library{}, &library.NotFoundError{Database: database, Declared: declared.Name, Looks: looks}
	}
	return declared, nil
}

// maxDatabases bounds how many databases a run looks at only to be helpful.
const maxDatabases = 200

// elsewhere are the other databases that hold a library.
func elsewhere(ctx context.Context, db *mongodb.Reader, declared library.Library) (found []string) {
	names, err := db.Databases(ctx)
	if err != nil {
		return nil
	}
	for _, name := range names[:min(len(names), maxDatabases)] {
		existing, err := db.CollectionsOf(ctx, name)
		if err != nil || name == db.Name() {
			continue
		}
		if l, err := choose(name, declared, existing); err == nil {
			found = append(found, name+" ("+l.Name+")")
		}
	}
	return found
}
