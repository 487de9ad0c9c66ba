package references

import (
	"slices"

	"ucorefs.io/maintenance/pkg/library"
)

// referrersLast are the collections with references that something is done with, each behind those into which it
// refers, unless these refer back.
func referrersLast(l library.Library) (order []string) {
	var visit func(collection string)
	seen := map[string]bool{}
	visit = func(collection string) {
		if seen[collection] {
			return
		}
		seen[collection] = true
		refs := indexes(l, func(ref library.Reference) bool {
			return ref.From.Collection == collection && ref.Dangling != library.Report
		})
		for _, i := range refs {
			for _, to := range l.References[i].To {
				visit(to)
			}
		}
		if len(refs) > 0 {
			order = append(order, collection)
		}
	}
	for _, ref := range l.References {
		visit(ref.From.Collection)
	}
	return order
}

// referrersFirst is the order of the changes: what refers goes before what it refers to.
func referrersFirst(l library.Library) []string {
	order := referrersLast(l)
	slices.Reverse(order)
	return order
}
