package databaseoptimization

import (
	"fmt"
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
		switch found, why := find(declared(index), have); {
		case why != "":
			c.conflicting = append(c.conflicting, why)
		case !found:
			c.missing = append(c.missing, index)
		}
	}
	for _, index := range have {
		isDeclared := func(w library.Index) bool { return concerns(index, declared(w)) }
		if index.Name != "_id_" && !slices.ContainsFunc(want, isDeclared) {
			c.extra = append(c.extra, index.Name)
		}
	}
	return c
}

// declared is a declared index as the server would list it.
func declared(index library.Index) admin.Index {
	d := admin.Index{Name: index.Name(), Unique: index.Unique}
	for _, field := range index.Fields {
		d.Keys = append(d.Keys, admin.IndexKey{Field: field, Order: "1"})
	}
	return d
}

// find tells whether an index is there; why says, where it is not and cannot be, what is in its place.
func find(want admin.Index, have []admin.Index) (found bool, why string) {
	for _, index := range have {
		switch {
		case !concerns(index, want):
		case slices.Equal(index.Keys, want.Keys) && len(index.Options) == 0 && (index.Unique || !want.Unique):
			return true, ""
		default:
			why = fmt.Sprintf("%s should be %s, but the server has %s %s", want.Name, want.Describe(), index.Name, index.Describe())
		}
	}
	return false, why
}

// concerns tells whether an index has the name or the fields of another.
func concerns(index, want admin.Index) bool {
	return index.Name == want.Name || slices.Equal(index.Keys, want.Keys)
}
