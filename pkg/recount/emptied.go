package recount

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"ucorefs.io/maintenance/pkg/library"
)

// Zeroed is how many counters of some documents are above 0 and would become 0: by each collection that they count.
type Zeroed map[string]int64

// Zeroed tells of the collection's documents as the tally met them.
func (s Totals) Zeroed() Zeroed {
	z := Zeroed{}
	for i, counter := range s.d.collection.Counters {
		counted := counter.Counted()
		if len(counted) == 0 {
			continue
		}
		n := s.zeroed(i)
		for _, collection := range counted {
			z[collection] += n
		}
	}
	return z
}

func (s Totals) zeroed(counter int) (n int64) {
	for _, at := range s.d.index.All() {
		stored, applies := s.d.columns[counter].stored.at(at)
		if was, isNumber := stored.Int64(); applies && isNumber && was > 0 && s.at(at, counter) == 0 {
			n++
		}
	}
	return n
}

// Add adds others.
func (z Zeroed) Add(others Zeroed) {
	for collection, n := range others {
		z[collection] += n
	}
}

// IsEmpty tells whether a collection has no documents, as mongodb.Reader does.
type IsEmpty func(ctx context.Context, collection string) (bool, error)

// Warnings say, for a person, which of the collections have no documents, so that counters become 0 because of it. That
// may be right, and it may be the mistake of whoever emptied the collection.
func (z Zeroed) Warnings(ctx context.Context, isEmpty IsEmpty) (warnings []string, err error) {
	for _, collection := range slices.Sorted(maps.Keys(z)) {
		if z[collection] == 0 {
			continue
		}
		empty, err := isEmpty(ctx, collection)
		if err != nil {
			return nil, err
		}
		if empty {
			warnings = append(warnings, fmt.Sprintf("%s has no documents, so that %d counters become 0: %s",
				collection, z[collection], library.CheckEmpty))
		}
	}
	return warnings, nil
}
