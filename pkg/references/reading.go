package references

import (
	"context"
	"slices"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/scan"
)

// read is the one reading of a collection.
func (f *finder) read(ctx context.Context, collection string) error {
	from := indexes(f.library, func(ref library.Reference) bool { return ref.From.Collection == collection })
	late := slices.DeleteFunc(indexes(f.library, func(ref library.Reference) bool {
		return slices.Contains(ref.To, collection)
	}), func(i int) bool { return !f.late[i] })
	present, documents := f.present[collection], int64(0)
	err := f.scan(ctx, collection, from, func(row scan.Row, places []place) {
		documents++
		f.meet(present, late, idOf(row[scan.ID]))
		for i := range places {
			f.check(&places[i], row)
		}
	})
	f.Documents[collection] = documents
	return err
}

// meet notes that a document exists.
func (f *finder) meet(present *bsonvalue.IDSet, late []int, id bsonvalue.ID) {
	if present != nil {
		present.Add(id)
	}
	for _, i := range late {
		f.missing[i].Remove(id)
	}
}

// check notes which ids of one reference in a document were not met.
func (f *finder) check(p *place, row scan.Row) {
	holds := false
	for target := range p.of(row).targets {
		holds = true
		switch i := p.reference; {
		case f.met(i, target):
		case f.late[i]:
			f.missing[i].Put(target, 0)
		default:
			f.count(occurrence(*p, row, target))
		}
	}
	if holds {
		f.References[p.reference].Holders++
	}
}

func (f *finder) met(i int, target bsonvalue.ID) bool {
	for _, present := range f.into[i] {
		if present.Has(target) {
			return true
		}
	}
	return false
}

func (f *finder) count(o Occurrence) {
	n, _ := f.missing[o.Reference].At(o.Target)
	f.missing[o.Reference].Put(o.Target, n+1)
	f.keep(o)
}

func (f *finder) keep(o Occurrence) {
	if finding := &f.References[o.Reference]; len(finding.Occurrences) < f.most {
		finding.Occurrences = append(finding.Occurrences, o)
	}
}
