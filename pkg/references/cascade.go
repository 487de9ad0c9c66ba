package references

import (
	"slices"

	"ucorefs.io/maintenance/pkg/library"
)

// Cascade is l with those references only that may lead to a document of one collection, or to a document that is
// deleted with it, and that are removed then.
func Cascade(l library.Library, collection string) library.Library {
	goes, all := []string{collection}, l.References
	for i := 0; i < len(goes); i++ {
		for _, ref := range all {
			from := ref.From.Collection
			if ref.Dangling == library.Delete && slices.Contains(ref.To, goes[i]) && !slices.Contains(goes, from) {
				goes = append(goes, from)
			}
		}
	}
	isGoing := func(to string) bool { return slices.Contains(goes, to) }
	l.References = slices.DeleteFunc(slices.Clone(all), func(ref library.Reference) bool {
		return ref.Dangling == library.Report || !slices.ContainsFunc(ref.To, isGoing)
	})
	return l
}
