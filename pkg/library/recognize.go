package library

import (
	"fmt"
	"slices"
	"strings"
)

// NotFoundError says that a database holds no library of a known layout, or that it cannot be told which.
type NotFoundError struct {
	Database string
	Fit      []string // the layouts that fit, if several
	// Elsewhere are databases of the same server that do hold a library, each with its layout in brackets. The caller fills it.
	Elsewhere []string
}

func (e *NotFoundError) Error() string {
	if len(e.Fit) > 0 {
		return fmt.Sprintf("the database %q has collections of several layouts (%s): say which it is with --library=%s",
			e.Database, strings.Join(e.Fit, ", "), e.Fit[0])
	}
	found := "no other database that this user may list holds one"
	if len(e.Elsewhere) > 0 {
		found = "a library is in " + strings.Join(e.Elsewhere, ", ")
	}
	return fmt.Sprintf("the database %q holds no library: %s; name the database with --database, or describe another layout with --library=FILE",
		e.Database, found)
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

// IsIn tells whether any collection that l names exists: an explicit choice of a layout still needs something to work on.
func (l Library) IsIn(existing []string) bool { return hasAny(l.Names(), existing) }

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
