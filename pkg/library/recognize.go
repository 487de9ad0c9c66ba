package library

import (
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/ellipsis"
)

// NotFoundError says that a database holds no library, or that its collections do not tell which.
type NotFoundError struct {
	Database string
	Declared string   // the declaration that was named; empty: none was
	Fit      []string // the built-in declarations that fit, if several do
	Looks    string   // the built-in declaration that fits instead of the one that was named
	// Elsewhere are databases of the same server that hold a library, each with its name in brackets: "films (ucorefs)".
	// The caller fills it.
	Elsewhere []string
}

// maxElsewhere is how many other databases a sentence names.
const maxElsewhere = 5

func (e *NotFoundError) Error() string {
	if len(e.Fit) > 0 {
		return fmt.Sprintf("the database %q has the collections of several libraries (%s): name the right one, for example "+
			"with --library=%s",
			e.Database, strings.Join(e.Fit, ", "), e.Fit[0])
	}
	if e.Looks != "" {
		return fmt.Sprintf("the database %q has none of the collections that tell the library %q, and those of %q: "+
			"leave out --library, or name the right database with --database", e.Database, e.Declared, e.Looks)
	}
	what, otherwise := "holds no library",
		"describe the library with --library=FILE, which `maint-job declare` helps to write"
	if e.Declared != "" {
		what = fmt.Sprintf("has none of the collections of the library %q", e.Declared)
		otherwise = "correct the names of collections in the declaration"
	}
	if len(e.Elsewhere) == 0 {
		return fmt.Sprintf("the database %q %s: name the right database with --database (in a schedule: "+
			"spec.database.name), "+
			"or %s", e.Database, what, otherwise)
	}
	return fmt.Sprintf("the database %q %s; found in %s: name that database with --database (in a schedule: "+
		"spec.database.name)", e.Database, what, ellipsis.List(e.Elsewhere, maxElsewhere))
}

// Find is the one of the libraries whose collections exist. Where several or none fit it is a *NotFoundError.
//
// A layout whose unique collections exist fits. Where there are none of any layout, one whose other signs exist fits.
func Find(database string, libraries []Library, existing []string) (Library, error) {
	var fit []Library
	for _, l := range libraries {
		if hasAny(l.Recognize.Unique, existing) && hasAny(l.Recognize.Any, existing) {
			fit = append(fit, l)
		}
	}
	if len(fit) == 0 {
		for _, l := range libraries {
			if hasAny(l.Recognize.Any, existing) {
				fit = append(fit, l)
			}
		}
	}
	if len(fit) == 1 {
		return fit[0], nil
	}
	e := &NotFoundError{Database: database}
	for _, l := range fit {
		e.Fit = append(e.Fit, l.Name)
	}
	return Library{}, e
}

// IsIn tells whether any collection that l names exists: an explicit choice of a layout still needs something to work
// on.
func (l Library) IsIn(existing []string) bool { return hasAny(l.Names(), existing) }

// InsteadOf is the one of the libraries that exists where the collections by which l is recognized do not; empty: none.
func (l Library) InsteadOf(libraries []Library, existing []string) string {
	found, err := Find("", libraries, existing)
	unique := l.Recognize.Unique
	if err != nil || found.Name == l.Name || len(unique) == 0 || hasAny(unique, existing) ||
		!hasAny(found.Recognize.Unique, existing) {
		return ""
	}
	return found.Name
}

// Absent are the declared collections that do not exist.
func (l Library) Absent(existing []string) (names []string) {
	for _, name := range l.Names() {
		if !slices.Contains(existing, name) {
			names = append(names, name)
		}
	}
	return names
}

func hasAny(names, existing []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(existing, name) })
}
