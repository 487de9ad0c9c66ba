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
	counted := []string{c.In, c.Sum.Collection}
	for _, field := range c.Count {
		counted = append(counted, field.Collection)
	}
	return !slices.ContainsFunc(counted, func(name string) bool { return name != "" && !slices.Contains(existing, name) })
}
