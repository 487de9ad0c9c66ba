package references

import (
	"context"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/progress"
	"ucorefs.io/maintenance/pkg/sharing"
)

// maxKept is how many broken references of each kind are kept as Occurrences, of 72 bytes each. All are counted.
const maxKept = 100_000

// finder is what the readings know so far. Smaller collections are read before larger ones, so that the ids of the
// largest are not held: a reference to a collection that was read before is checked at once, and of the others is held
// what was not met yet.
type finder struct {
	source
	Findings
	first source // of the one reading of each collection

	order   []string                 // of reading
	present documents                // of collections into which those that are read with or after them refer
	into    [][]*bsonvalue.IDSet     // by reference: those of present into which it leads
	late    []bool                   // by reference: not all that it leads into is read before what it is in
	sought  map[string]*sought       // by collection
	by      []soughtBy               // by reference
	missing []bsonvalue.IDMap[int64] // by reference: other ids that were not met, and the occurrences counted
	most    int                      // Occurrences of each reference that are kept
}

// Find reads every collection that a reference concerns, once, and finds the ids to which references lead and which no
// document has. They are missing for certain: from the reading of the whole collection, and from a look for that very
// id afterwards. A collection is read again only if an id is missing to which it refers and which could not be checked
// in the first reading.
func Find(ctx context.Context, db *mongodb.Reader, l library.Library, p *progress.Progress) (*Findings, error) {
	return FindFrom(ctx, db, db, l, p)
}

// FindFrom is Find that reads the collections with first, which may be behind, and looks for what is missing with db.
func FindFrom(
	ctx context.Context, first, db *mongodb.Reader, l library.Library, p *progress.Progress,
) (*Findings, error) {
	s := source{db, l, p}
	f := newFinder(s, s.bySize(ctx))
	f.first.db = first
	return f.find(ctx, nil)
}

// find reads all collections, the last one together with other processes, if shared is not nil.
func (f *finder) find(ctx context.Context, shared *sharing.Scan) (*Findings, error) {
	for _, c := range f.order {
		read := func() error { return f.read(ctx, c) }
		if shared != nil && c == shared.Collection {
			read = func() error { return f.readShared(ctx, shared) }
		}
		if err := read(); err != nil {
			return nil, err
		}
	}
	return f.judge(ctx)
}

// judge looks for all that is missing once more, and keeps what is gone.
func (f *finder) judge(ctx context.Context) (*Findings, error) {
	gone, err := newLooker(f.source).look(ctx, f.suspects(), nil)
	if err != nil {
		return nil, err
	}
	if err := f.settle(ctx, gone); err != nil {
		return nil, err
	}
	return &f.Findings, nil
}

// newFinder reads in the given order, of which the last collection is the largest.
func newFinder(s source, order []string) *finder {
	n := len(s.library.References)
	f := &finder{
		source: s, first: s,
		Findings: Findings{Library: s.library, Documents: map[string]int64{}, References: make([]Finding, n)},
		order:    order, present: documents{},
		into: make([][]*bsonvalue.IDSet, n), late: make([]bool, n), missing: make([]bsonvalue.IDMap[int64], n), most: maxKept,
	}
	for i, ref := range s.library.References {
		from := slices.Index(f.order, ref.From.Collection)
		f.late[i] = lastRead(ref, f.order) != ""
		for _, to := range ref.To {
			at := slices.Index(f.order, to)
			if at <= from {
				f.present[to] = &bsonvalue.IDSet{}
			}
		}
	}
	f.sought, f.by = soughtOf(s.library, f.order)
	for i, ref := range s.library.References {
		for _, to := range ref.To {
			if present := f.present[to]; present != nil {
				f.into[i] = append(f.into[i], present)
			}
		}
	}
	return f
}

// Held are the collections of whose documents Find holds the ids, of BytesOfID each: all but the largest.
func Held(ctx context.Context, db *mongodb.Reader, l library.Library) []string {
	order := source{db: db, library: l}.bySize(ctx)
	return order[:max(len(order)-1, 0)]
}

// BytesOfID is what an id takes that is held, at most.
const BytesOfID = 14

// bySize are the collections that references concern, the smallest first.
func (s source) bySize(ctx context.Context) (order []string) {
	size := map[string]int64{}
	for _, ref := range s.library.References {
		for _, c := range append([]string{ref.From.Collection}, ref.To...) {
			if _, known := size[c]; !known {
				size[c] = s.db.Estimate(ctx, c)
				order = append(order, c)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return int(min(max(size[a]-size[b], -1), 1)) })
	return order
}

// suspects are the ids that were not met, by reference.
func (f *finder) suspects() []bsonvalue.IDSet {
	suspects := make([]bsonvalue.IDSet, len(f.missing))
	for i := range f.missing {
		for id := range f.missing[i].All() {
			suspects[i].Add(id)
		}
	}
	for _, s := range f.sought {
		for i, id := range s.all() {
			suspects[i].Add(id)
		}
	}
	return suspects
}

// settle keeps what is gone for certain, and reads again who refers to those of it that are not known with their
// occurrences.
func (f *finder) settle(ctx context.Context, gone []bsonvalue.IDSet) error {
	again := map[string][]int{}
	for i, ref := range f.library.References {
		finding := &f.References[i]
		finding.Occurrences = slices.DeleteFunc(finding.Occurrences, func(o Occurrence) bool {
			return !gone[i].Has(o.Target)
		})
		for id := range gone[i].All() {
			n, _ := f.missing[i].At(id)
			finding.Broken += n
		}
		if f.late[i] && gone[i].Len() > 0 {
			again[ref.From.Collection] = append(again[ref.From.Collection], i)
		}
	}
	for _, late := range again {
		err := f.occurrences(ctx, late, gone, func(o Occurrence) {
			f.References[o.Reference].Broken++
			f.keep(f.References, o)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
