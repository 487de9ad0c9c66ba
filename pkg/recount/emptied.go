package recount

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"ucorefs.io/maintenance/pkg/library"
)

// Zeroed tells of each counter how many documents would lose all of it.
type Zeroed map[counterKey]losses

// counterKey is a counter: a field may have several, each for other documents.
type counterKey struct {
	field string
	at    int // among those of the collection
}

func (k counterKey) compare(other counterKey) int {
	return cmp.Or(cmp.Compare(k.field, other.field), cmp.Compare(k.at, other.at))
}

// losses are those of one counter.
type losses struct {
	counted []string // the collections that it counts; none where it is about the document itself
	zeroed  int64    // documents that store more than 0, and should store 0
	above   int64    // documents that should store more than 0
}

// fewestZeroed is how many documents at least tell that a counter as a whole is lost.
const fewestZeroed = 4

// Zeroed tells of the collection's documents as the tally met them.
func (s Totals) Zeroed() Zeroed {
	z := Zeroed{}
	for i, counter := range s.d.collection.Counters {
		z[counterKey{counter.Field.String(), i}] = s.losses(i, counter.Counted())
	}
	return z
}

func (s Totals) losses(counter int, counted []string) losses {
	l := losses{counted: counted}
	for _, at := range s.d.index.All() {
		stored, applies := s.d.columns[counter].stored.at(at)
		switch was, isNumber := stored.Int64(); {
		case !applies:
		case s.at(at, counter) > 0:
			l.above++
		case isNumber && was > 0:
			l.zeroed++
		}
	}
	return l
}

// Add adds others.
func (z Zeroed) Add(others Zeroed) {
	for name, l := range others {
		sum := z[name]
		z[name] = losses{l.counted, sum.zeroed + l.zeroed, sum.above + l.above}
	}
}

// IsEmpty tells whether a collection has no documents, as mongodb.Reader does.
type IsEmpty func(ctx context.Context, collection string) (bool, error)

// Warnings say, for a person, which of the counted collections have no documents, and which counters become 0
// everywhere though what they count has documents. Both may be right, or the mistake of whoever emptied the collection
// or declared the counter.
func (z Zeroed) Warnings(ctx context.Context, isEmpty IsEmpty) (warnings []string, err error) {
	empty := map[string]int64{}
	for _, name := range slices.SortedFunc(maps.Keys(z), counterKey.compare) {
		l := z[name]
		if l.zeroed == 0 {
			continue
		}
		explained, err := l.addEmpty(ctx, isEmpty, empty)
		if err != nil {
			return nil, err
		}
		if !explained && l.above == 0 && l.zeroed >= fewestZeroed {
			warnings = append(warnings, fmt.Sprintf("%s becomes 0 in all %d documents where it was not: check that the "+
				"declaration names what it counts as the database has it", name.field, l.zeroed))
		}
	}
	for _, collection := range slices.Sorted(maps.Keys(empty)) {
		warnings = append(warnings, fmt.Sprintf("%s has no documents, so that %d counters become 0: %s", collection,
			empty[collection], library.CheckEmpty))
	}
	return warnings, nil
}

// addEmpty adds the losses to those of each counted collection that has no documents, and tells whether there is one.
func (l losses) addEmpty(ctx context.Context, isEmpty IsEmpty, empty map[string]int64) (explained bool, err error) {
	for _, collection := range l.counted {
		is, err := isEmpty(ctx, collection)
		if err != nil {
			return false, err
		}
		if is {
			empty[collection] += l.zeroed
			explained = true
		}
	}
	return explained, nil
}
