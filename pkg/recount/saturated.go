package recount

import (
	"fmt"
	"math"

	"ucorefs.io/maintenance/pkg/library"
)

// saturated says, for a person and for each sum of the collection, in how many documents it is more than a counter can
// hold, so that it stays at the greatest number.
func (s Totals) saturated() (warnings []string) {
	for i, counter := range s.d.collection.Counters {
		if counter.Sum == (library.Field{}) {
			continue
		}
		n := 0
		for _, at := range s.d.index.All() {
			if _, applies := s.d.columns[i].stored.at(at); applies && s.at(at, i) == math.MaxInt64 {
				n++
			}
		}
		if n > 0 {
			warnings = append(warnings, fmt.Sprintf("the sum of %s is more than %d in %d documents, whose %s is that number: "+
				"look for sizes that cannot be", counter.Sum, int64(math.MaxInt64), n, counter.Field))
		}
	}
	return warnings
}
