package verifyreferences

import (
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// sampleSize is how many offenders of each kind a person is shown.
const sampleSize = 5

// suspects are the references into one collection whose target was not met, by target.
type suspects struct {
	by     mongodb.IDMap[int64] // how many references lead to each missing target
	sample []offender           // some of them; more than sampleSize, since some may turn out to be fine
}

// offender is one reference that may be broken.
type offender struct {
	collection string
	id         mongodb.ID
	field      string
	target     mongodb.ID
}

func (o offender) String() string {
	return fmt.Sprintf("%s %s: %s → %s does not exist", o.collection, o.id, o.field, o.target)
}

func (s *suspects) add(o offender) {
	n, _ := s.by.At(o.target)
	s.by.Put(o.target, n+1)
	if len(s.sample) < 20*sampleSize {
		s.sample = append(s.sample, o)
	}
}

func (s *suspects) targets() []mongodb.ID {
	ids := make([]mongodb.ID, 0, s.by.Len())
	for id := range s.by.All() {
		ids = append(ids, id)
	}
	return ids
}

// broken is how many references lead to what is gone, and some of them.
func (s *suspects) broken(gone *mongodb.IDSet) (n int64, sample []string) {
	for id, references := range s.by.All() {
		if gone.Has(id) {
			n += references
		}
	}
	for _, o := range s.sample {
		if gone.Has(o.target) && len(sample) < sampleSize {
			sample = append(sample, o.String())
		}
	}
	slices.Sort(sample)
	return n, sample
}
