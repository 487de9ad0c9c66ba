package databaseoptimization

import (
	"slices"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
)

// comparison is what the declared indexes of a collection and those of the server come to.
type comparison struct {
	missing     []library.Index
	conflicting []string // each in words
	extra       []string // the names of those that nobody declared
}

// compare compares. A declared index is there where the server has one over the same fields that is special in no other
// way, whatever it is called; one that is unique as well serves the same look-ups.
func compare(want []library.Index, have []admin.Index) comparison {
	var c comparison
	for _, index := range want {
		switch found, why := declared(index).In(have); {
		case why != "":
			c.conflicting = append(c.conflicting, why)
		case !found:
			c.missing = append(c.missing, index)
		}
	}
	for _, index := range have {
		isDeclared := func(w library.Index) bool { return index.Concerns(declared(w)) }
		if index.Name != "_id_" && !slices.ContainsFunc(want, isDeclared) {
			c.extra = append(c.extra, index.Name)
		}
	}
	return c
}

// declared is a declared index as the server would list it.
func declared(index library.Index) admin.Index {
	return admin.Ascending(index.Name(), index.Fields, index.Unique)
}
