package databaseoptimization

import (
	"fmt"
	"slices"
	"strings"

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
		switch found, why := find(index, have); {
		case why != "":
			c.conflicting = append(c.conflicting, why)
		case !found:
			c.missing = append(c.missing, index)
		}
	}
	for _, index := range have {
		if index.Name != "_id_" && !slices.ContainsFunc(want, func(w library.Index) bool { return concerns(index, w) }) {
			c.extra = append(c.extra, index.Name)
		}
	}
	return c
}

// find tells whether an index is there; why says, where it is not and cannot be, what is in its place.
func find(want library.Index, have []admin.Index) (found bool, why string) {
	for _, index := range have {
		switch {
		case !concerns(index, want):
		case sameKeys(index, want) && len(index.Options) == 0 && (index.Unique || !want.Unique):
			return true, ""
		default:
			why = fmt.Sprintf("%s should be %s, but the server has %s", want.Name(), wanted(want), stored(index))
		}
	}
	return false, why
}

// concerns tells whether an index has the name or the fields of a declared one.
func concerns(index admin.Index, want library.Index) bool {
	return index.Name == want.Name() || sameKeys(index, want)
}

func sameKeys(index admin.Index, want library.Index) bool {
	return slices.EqualFunc(index.Keys, want.Fields, func(key admin.IndexKey, field string) bool {
		return key == admin.IndexKey{Field: field, Order: "1"}
	})
}

func wanted(index library.Index) string {
	text := "over " + strings.Join(index.Fields, ", ")
	if index.Unique {
		text += ", unique"
	}
	return text
}

func stored(index admin.Index) string {
	keys := make([]string, len(index.Keys))
	for i, key := range index.Keys {
		keys[i] = key.Field
		if key.Order != "1" {
			keys[i] += " (" + key.Order + ")"
		}
	}
	parts := []string{index.Name + " over " + strings.Join(keys, ", ")}
	if index.Unique {
		parts = append(parts, "unique")
	}
	return strings.Join(append(parts, index.Options...), ", ")
}
