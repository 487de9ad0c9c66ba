package references

import (
	"context"
	"iter"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// documents are some of each collection, with their ids as they are.
type documents map[string]*mongodb.IDSet

func (d documents) add(collection string, id mongodb.ID) {
	if d[collection] == nil {
		d[collection] = &mongodb.IDSet{}
	}
	d[collection].Add(id)
}

// of are the documents of one collection.
func (d documents) of(collection string) iter.Seq[mongodb.ID] {
	if d[collection] == nil {
		return func(func(mongodb.ID) bool) {}
	}
	return d[collection].All()
}

// look is which of the suspects no collection of their reference has now; both are by reference. The documents in
// going, by collection, do not count: they are about to be deleted. Each collection is asked once.
func (s source) look(ctx context.Context, suspects []mongodb.IDSet, going documents) ([]mongodb.IDSet, error) {
	there := map[string]*mongodb.IDSet{}
	for collection, ids := range s.byTarget(suspects) {
		found, err := s.db.Existing(ctx, collection, ids)
		if err != nil {
			return nil, err
		}
		there[collection] = staying(found, going[collection])
	}
	gone := make([]mongodb.IDSet, len(suspects))
	for i, ref := range s.library.References {
		for id := range suspects[i].All() {
			if !slices.ContainsFunc(ref.To, func(to string) bool { return there[to].Has(id) }) {
				gone[i].Add(id)
			}
		}
	}
	return gone, nil
}

// byTarget is what to ask each collection for: the suspects of all references into it, in both forms.
func (s source) byTarget(suspects []mongodb.IDSet) map[string][]mongodb.ID {
	of := documents{}
	for i, ref := range s.library.References {
		for _, to := range ref.To {
			for id := range suspects[i].All() {
				of.add(to, id)
			}
		}
	}
	ask := map[string][]mongodb.ID{}
	for to := range of {
		for id := range of.of(to) {
			ask[to] = append(ask[to], bothForms(id)...)
		}
	}
	return ask
}

// staying are the documents that were found and are not about to go, in the form of idOf.
func staying(found, going *mongodb.IDSet) *mongodb.IDSet {
	ids := &mongodb.IDSet{}
	for id := range found.All() {
		if going == nil || !going.Has(id) {
			ids.Add(oneForm(id))
		}
	}
	return ids
}
