package recount

import (
	"slices"

	"ucorefs.io/maintenance/pkg/scan"
)

// Step is one collection to read, and what it is read for.
type Step struct {
	Collection string
	Target     int // its index among the collections with counters, or None
	Source     int // its index among the sources, or None
	*scan.Fields
}

// None is the index of what there is not.
const None = -1

// Steps are the collections to read for a recount, each once: first those that only have counters, then those that are
// counted as well, then those that are only counted, so that the largest collections are read when all ids that matter
// are known.
func (c Counters) Steps() []Step {
	var having, both, counted []Step
	for i, of := range c.Collections {
		step := Step{Collection: of.Name, Target: i, Source: c.source(of.Name), Fields: of.Fields}
		if step.Source == None {
			having = append(having, step)
		} else {
			both = append(both, step)
		}
	}
	for i, s := range c.Sources {
		if !slices.ContainsFunc(both, func(step Step) bool { return step.Source == i }) {
			counted = append(counted, Step{Collection: s.Collection, Target: None, Source: i, Fields: s.Fields})
		}
	}
	return slices.Concat(having, both, counted)
}

func (c Counters) source(collection string) int {
	return slices.IndexFunc(c.Sources, func(s Source) bool { return s.Collection == collection })
}
