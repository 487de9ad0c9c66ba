package references

import (
	"context"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/progress"
)

// Referrers are all occurrences that lead to documents that are gone or about to go, and with which something is to be
// done: those that lead to a document which is deleted because of another occurrence are among them, to the end.
type Referrers struct {
	library    library.Library
	collection string // of the documents that are about to go; empty: they are gone
	found      []Occurrence
	byTarget   bsonvalue.IDMap[[]int] // indexes of found
}

// Gather reads who refers to documents of one collection that the caller is about to delete, and what depends on those
// that go with them. It reads nothing if ids is empty. A reference that may lead into several collections stays if
// another of them has the id.
func Gather(ctx context.Context, db *mongodb.Reader, l library.Library, collection string, ids []bsonvalue.ID,
	p *progress.Progress) (*Referrers, error) {
	g := newGatherer(source{db, l, p})
	for _, id := range ids {
		g.going.add(collection, id)
	}
	found, err := g.gather(ctx)
	return newReferrers(l, collection, found), err
}

// Gather reads what depends on the documents that are to be deleted, since what they cannot be without is gone.
// References that are not Removable are left out.
func (f *Findings) Gather(ctx context.Context, db *mongodb.Reader, p *progress.Progress) (*Referrers, error) {
	g := newGatherer(source{db, f.Library, p})
	for i, finding := range f.References {
		for _, o := range finding.Occurrences {
			if f.Removable(i) {
				g.note(o)
			}
		}
	}
	found, err := g.gather(ctx)
	return newReferrers(f.Library, "", found), err
}

// newReferrers is what was found, by target.
func newReferrers(l library.Library, collection string, found []Occurrence) *Referrers {
	r := &Referrers{library: l, collection: collection, found: found}
	for i, o := range found {
		some, _ := r.byTarget.At(o.Target)
		r.byTarget.Put(o.Target, append(some, i))
	}
	return r
}

// gatherer follows deletions.
type gatherer struct {
	looker
	going    documents         // that are to be deleted
	followed []bsonvalue.IDSet // by reference: what is gone, and who refers to it is known
	found    []Occurrence
}

func newGatherer(s source) *gatherer {
	return &gatherer{looker: newLooker(s), going: documents{}, followed: make([]bsonvalue.IDSet,
		len(s.library.References))}
}

func (g *gatherer) note(o Occurrence) {
	g.found = append(g.found, o)
	if ref := g.library.References[o.Reference]; ref.Dangling == library.Delete {
		g.going.add(ref.From.Collection, o.Document)
	}
}

// gather reads the collections in an order in which one reading of each is enough, unless collections refer to each
// other in a circle.
func (g *gatherer) gather(ctx context.Context) ([]Occurrence, error) {
	order := referrersLast(g.library)
	for more := true; more; {
		more = false
		for _, collection := range order {
			again, err := g.read(ctx, collection)
			if err != nil {
				return nil, err
			}
			more = more || again
		}
	}
	return g.found, nil
}

// read notes what refers from one collection to documents that are newly known to go, and tells whether there was any
// reason to.
func (g *gatherer) read(ctx context.Context, collection string) (newly bool, err error) {
	gone, err := g.look(ctx, g.unfollowed(collection), g.going)
	if err != nil {
		return false, err
	}
	var refs []int
	for i := range gone {
		if gone[i].Len() > 0 {
			refs = append(refs, i)
		}
		for id := range gone[i].All() {
			g.followed[i].Add(id)
		}
	}
	if len(refs) == 0 {
		return false, nil
	}
	return true, g.occurrences(ctx, refs, gone, g.note)
}

// unfollowed are the ids of documents that go and to which nobody is known to refer yet, by reference of that
// collection.
func (g *gatherer) unfollowed(collection string) []bsonvalue.IDSet {
	ids := make([]bsonvalue.IDSet, len(g.library.References))
	for i, ref := range g.library.References {
		if ref.From.Collection != collection || ref.Dangling == library.Report {
			continue
		}
		for _, to := range ref.To {
			for id := range g.going.of(to) {
				if id = oneForm(id); !g.followed[i].Has(id) {
					ids[i].Add(id)
				}
			}
		}
	}
	return ids
}
