package references

import (
	"context"
	"iter"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
)

// documents are some of each collection, with their ids as they are.
type documents map[string]*bsonvalue.IDSet

func (d documents) add(collection string, id bsonvalue.ID) {
	if d[collection] == nil {
		d[collection] = &bsonvalue.IDSet{}
	}
	d[collection].Add(id)
}

func (d documents) has(collection string, id bsonvalue.ID) bool {
	return d[collection] != nil && d[collection].Has(id)
}

// of are the documents of one collection.
func (d documents) of(collection string) iter.Seq[bsonvalue.ID] {
	if d[collection] == nil {
		return func(func(bsonvalue.ID) bool) {}
	}
	return d[collection].All()
}

// looker asks collections for documents, for each of them once.
type looker struct {
	source
	asked, found documents
}

func newLooker(s source) looker { return looker{source: s, asked: documents{}, found: documents{}} }

// maxAsked is how many ids one question may hold, of 32 bytes each.
const maxAsked = 1_000_000

// look is which of the suspects no collection of their reference has; both are by reference. The documents that are
// going do not count.
func (k looker) look(ctx context.Context, suspects []bsonvalue.IDSet, going documents) ([]bsonvalue.IDSet, error) {
	if err := k.askForAll(ctx, suspects); err != nil {
		return nil, err
	}
	gone := make([]bsonvalue.IDSet, len(suspects))
	for i, ref := range k.library.References {
		for id := range suspects[i].All() {
			if !slices.ContainsFunc(ref.To, func(to string) bool { return k.stays(to, id, going) }) {
				gone[i].Add(id)
			}
		}
	}
	return gone, nil
}

// askForAll asks each collection for the suspects of all references into it.
func (k looker) askForAll(ctx context.Context, suspects []bsonvalue.IDSet) error {
	for _, collection := range k.library.Names() {
		var ids []bsonvalue.ID
		for id := range k.unasked(collection, suspects) {
			if ids = append(ids, bothForms(id)...); len(ids) < maxAsked {
				continue
			}
			if err := k.ask(ctx, collection, ids); err != nil {
				return err
			}
			ids = ids[:0]
		}
		if err := k.ask(ctx, collection, ids); err != nil {
			return err
		}
	}
	return nil
}

// unasked gives each suspect of a reference into a collection that the collection was not asked for, which it then is.
func (k looker) unasked(collection string, suspects []bsonvalue.IDSet) iter.Seq[bsonvalue.ID] {
	return func(yield func(bsonvalue.ID) bool) {
		for i, ref := range k.library.References {
			if !slices.Contains(ref.To, collection) {
				continue
			}
			for id := range suspects[i].All() {
				if k.asked.has(collection, id) {
					continue
				}
				if k.asked.add(collection, id); !yield(id) {
					return
				}
			}
		}
	}
}

func (k looker) ask(ctx context.Context, collection string, ids []bsonvalue.ID) error {
	found, err := k.db.Existing(ctx, collection, ids)
	if err != nil {
		return err
	}
	for id := range found.All() {
		k.found.add(collection, id)
	}
	return nil
}

// stays tells whether a collection has a document with that id, in either form, that is not going.
func (k looker) stays(collection string, id bsonvalue.ID, going documents) bool {
	return slices.ContainsFunc(bothForms(id), func(form bsonvalue.ID) bool {
		return k.found.has(collection, form) && !going.has(collection, form)
	})
}
