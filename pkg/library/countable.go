package library

import "slices"

// Countable is l without the counters over collections that do not exist, and the names of these counters. Each of them
// would become 0, although the collection may only have another name than the declaration says.
func (l Library) Countable(existing []string) (Library, []string) {
	var counters []Counter
	var left []string
	for _, c := range l.Counters {
		if c.isOver(existing) {
			counters = append(counters, c)
		} else if slices.Contains(existing, c.Field.Collection) {
			left = append(left, c.Field.String())
		}
	}
	l.Counters = counters
	return l, left
}

// isOver tells whether all collections exist that a counter counts.
func (c Counter) isOver(existing []string) bool {
	return !slices.ContainsFunc(c.Counted(), func(name string) bool { return !slices.Contains(existing, name) })
}

// Counted are the collections whose documents a counter counts, each once; none for the length of a list.
func (c Counter) Counted() (collections []string) {
	counted := []string{c.In, c.Sum.Collection}
	for _, field := range c.Count {
		counted = append(counted, field.Collection)
	}
	for _, name := range counted {
		if name != "" && !slices.Contains(collections, name) {
			collections = append(collections, name)
		}
	}
	return collections
}

// CheckEmpty is what a person should do about a collection that has no documents, although something says that it had
// some.
const CheckEmpty = "check that it was not dropped or renamed, is not being restored, " +
	"and is what the library's declaration means"
