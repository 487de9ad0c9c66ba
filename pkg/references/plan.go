package references

import (
	"maps"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
)

// Plan is what becomes of each document that refers to what is gone or about to go. It is a value: nothing is read or
// written to make or to look at one.
type Plan struct {
	Library library.Library
	Changes []Change // in the order in which they are made: a document goes after those that refer to it
}

// Change is what becomes of one document.
type Change struct {
	Collection string
	Document   bsonvalue.ID
	Lost       []Occurrence // one for each occurrence; never empty
	Deleted    bool         // the document goes, since it cannot be without one of them
}

// Target is the document.
func (c Change) Target() bsonvalue.ID { return c.Document }

// All is the plan for all that the Referrers know of.
func (r *Referrers) All() Plan { return r.plan(r.found) }

// For is the plan for some of the documents about which Gather was asked: what refers to them, and what depends on
// that. Where several plans are made one after the other, a document may be in more than one; Execute looks at it as it
// is then.
func (r *Referrers) For(ids []bsonvalue.ID) Plan {
	seen := map[int]bool{}
	for _, id := range ids {
		r.follow(r.collection, id, seen)
	}
	some := make([]Occurrence, 0, len(seen))
	for _, i := range slices.Sorted(maps.Keys(seen)) {
		some = append(some, r.found[i])
	}
	return r.plan(some)
}

// follow adds to seen, the indexes of occurrences, what refers to a document that goes, and to those that go with it.
func (r *Referrers) follow(collection string, id bsonvalue.ID, seen map[int]bool) {
	referring, _ := r.byTarget.At(oneForm(id))
	for _, i := range referring {
		o := r.found[i]
		ref := r.library.References[o.Reference]
		if seen[i] || !slices.Contains(ref.To, collection) {
			continue
		}
		seen[i] = true
		if ref.Dangling == library.Delete {
			r.follow(ref.From.Collection, o.Document, seen)
		}
	}
}

// plan joins occurrences to one change for each document.
func (r *Referrers) plan(found []Occurrence) Plan {
	byCollection := map[string]*changes{}
	for _, o := range found {
		ref := r.library.References[o.Reference]
		c := byCollection[ref.From.Collection]
		if c == nil {
			c = &changes{collection: ref.From.Collection}
			byCollection[ref.From.Collection] = c
		}
		c.add(o, ref.Dangling == library.Delete)
	}
	p := Plan{Library: r.library}
	for _, collection := range referrersFirst(r.library) {
		if c := byCollection[collection]; c != nil {
			p.Changes = append(p.Changes, c.list...)
		}
	}
	return p
}

// changes are those of one collection.
type changes struct {
	collection string
	list       []Change
	at         bsonvalue.IDMap[int]
}

func (c *changes) add(o Occurrence, deletes bool) {
	i, there := c.at.At(o.Document)
	if !there {
		i = len(c.list)
		c.at.Put(o.Document, i)
		c.list = append(c.list, Change{Collection: c.collection, Document: o.Document})
	}
	c.list[i].Lost = append(c.list[i].Lost, o)
	c.list[i].Deleted = c.list[i].Deleted || deletes
}

// referrersLast are the collections with references that something is done with, each behind those into which it
// refers, unless these refer back.
func referrersLast(l library.Library) (order []string) {
	var visit func(collection string)
	seen := map[string]bool{}
	visit = func(collection string) {
		if seen[collection] {
			return
		}
		seen[collection] = true
		refs := indexes(l, func(ref library.Reference) bool {
			return ref.From.Collection == collection && ref.Dangling != library.Report
		})
		for _, i := range refs {
			for _, to := range l.References[i].To {
				visit(to)
			}
		}
		if len(refs) > 0 {
			order = append(order, collection)
		}
	}
	for _, ref := range l.References {
		visit(ref.From.Collection)
	}
	return order
}

// referrersFirst is the order of the changes: what refers goes before what it refers to.
func referrersFirst(l library.Library) []string {
	order := referrersLast(l)
	slices.Reverse(order)
	return order
}
