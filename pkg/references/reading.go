package references

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/scan"
)

// read is the one reading of a collection. One that refers to itself is read by one cursor: what is missing in a part
// of it may be in another.
func (f *finder) read(ctx context.Context, collection string) error {
	from := f.refersFrom(collection)
	newTaker := func(alone bool) *taker { return f.newTaker(collection, alone) }
	if f.refersToItself(collection) {
		t := newTaker(true)
		if err := f.first.scan(ctx, collection, from, t.take); err != nil {
			return err
		}
		return t.merge()
	}
	return f.first.scanParts(ctx, collection, from, newTaker)
}

// refersFrom are the references of a collection.
func (s source) refersFrom(collection string) []int {
	return indexes(s.library, func(ref library.Reference) bool { return ref.From.Collection == collection })
}

func (s source) refersToItself(collection string) bool {
	return slices.ContainsFunc(s.refersFrom(collection), func(i int) bool {
		return slices.Contains(s.library.References[i].To, collection)
	})
}

// taker takes documents of one collection. If it is alone, its tables are those of the finder. Else they are its own
// until merge, and those of the finder are only read.
type taker struct {
	finder     *finder
	alone      bool
	collection string
	seeks      []seek // what the finder seeks in the collection
	late       []int  // references into the collection that are checked late, but for those of seeks
	documents  int64
	present    *bsonvalue.IDSet
	sought     map[string]*sought
	missing    []bsonvalue.IDMap[int64]
	findings   []Finding
	found      bsonvalue.IDSet   // ids that the finder seeks in the collection
	met        []bsonvalue.IDSet // by reference: ids that the finder misses
	recent     []recent          // by reference
	onlySeeks  bool              // that a document exists is of interest only where its id is sought
}

func (f *finder) newTaker(collection string, alone bool) *taker {
	late := indexes(f.library, func(ref library.Reference) bool { return slices.Contains(ref.To, collection) })
	late = slices.DeleteFunc(late, func(i int) bool { return !f.late[i] || f.by[i].mask != 0 })
	t := &taker{finder: f, alone: alone, collection: collection, late: late, seeks: f.seeks(collection)}
	t.recent = make([]recent, len(f.library.References))
	if alone {
		t.present, t.sought, t.missing, t.findings = f.present[collection], f.sought, f.missing, f.References
	} else {
		t.reset()
	}
	t.onlySeeks = !alone && t.present == nil && len(late) == 0
	return t
}

// reset gives a taker empty tables of its own.
func (t *taker) reset() {
	n := len(t.finder.missing)
	t.missing, t.findings, t.met = make([]bsonvalue.IDMap[int64], n), make([]Finding, n), make([]bsonvalue.IDSet, n)
	t.sought, t.found = map[string]*sought{}, bsonvalue.IDSet{}
	for collection, s := range t.finder.sought {
		t.sought[collection] = s.empty()
	}
	if t.present = nil; t.finder.present[t.collection] != nil {
		t.present = &bsonvalue.IDSet{}
	}
}

func (t *taker) take(row scan.Row, places []place) {
	t.documents++
	if id := row[scan.ID]; !t.onlySeeks || id.Type != bson.TypeObjectID {
		t.meet(idOf(id))
	} else if t.isSought(bson.ObjectID(id.Value)) {
		t.found.Add(bsonvalue.ObjectID(bson.ObjectID(id.Value)))
	}
	for i := range places {
		t.check(&places[i], row)
	}
}

// isSought tells whether the finder seeks an id in the collection: as a rule it does not.
func (t *taker) isSought(id bson.ObjectID) bool {
	for i := range t.seeks {
		if mask, _ := t.seeks[i].ids.AtObjectID(id); mask&t.seeks[i].mask != 0 {
			return true
		}
	}
	return false
}

// meet notes that a document exists.
func (t *taker) meet(id bsonvalue.ID) {
	if t.present != nil {
		t.present.Add(id)
	}
	for _, s := range t.seeks {
		if t.alone {
			s.met(id)
		} else if s.has(id) {
			t.found.Add(id)
		}
	}
	for _, i := range t.late {
		if t.alone {
			t.missing[i].Remove(id)
		} else if _, missing := t.finder.missing[i].At(id); missing {
			t.met[i].Add(id)
		}
	}
}

// check notes which ids of one reference in a document were not met.
func (t *taker) check(p *place, row scan.Row) {
	v, holds := &row[p.at], false
	if !p.list {
		holds = refers(v.Type, v.Value)
		if last := &t.recent[p.reference]; holds && !last.is(v.Type, v.Value) && t.refer(p, v.Type, v.Value, row) {
			last.keep(v.Type, v.Value)
		}
	} else {
		for kind, value, rest := scan.Cut(scan.Items(*v)); kind != 0; kind, value, rest = scan.Cut(rest) {
			if refers(kind, value) {
				holds = true
				t.refer(p, kind, value, row)
			}
		}
	}
	if holds {
		t.findings[p.reference].Holders++
	}
}

// refer tells whether the document to which a value leads was met, and notes it where it was not.
func (t *taker) refer(p *place, kind bson.Type, value []byte, row scan.Row) (met bool) {
	if kind == bson.TypeObjectID {
		for _, present := range t.finder.into[p.reference] {
			if present.HasObjectID(bson.ObjectID(value)) {
				return true
			}
		}
	}
	return t.follow(p, idOf(bson.RawValue{Type: kind, Value: value}), row)
}

// follow tells whether an id to which a reference leads was met, and notes it where it was not.
func (t *taker) follow(p *place, target bsonvalue.ID, row scan.Row) (met bool) {
	i := p.reference
	switch by := t.finder.by[i]; {
	case t.finder.met(i, target):
		return true
	case by.mask != 0:
		t.sought[by.collection].add(target, by.mask)
	case t.finder.late[i]:
		t.missing[i].Put(target, 0)
	default:
		add(&t.missing[i], target, 1)
		t.finder.keep(t.findings, occurrence(*p, row, target))
	}
	return false
}

// recent is the value by which a reference, which holds no list, led to a document that exists last. The files of a
// folder follow each other, so that most have what the one before has.
type recent struct {
	kind  bson.Type
	size  int
	value [hexText]byte
}

func (r *recent) is(kind bson.Type, value []byte) bool {
	return kind == r.kind && string(value) == string(r.value[:r.size])
}

func (r *recent) keep(kind bson.Type, value []byte) {
	if len(value) <= len(r.value) {
		r.kind, r.size = kind, copy(r.value[:], value)
	}
}

func add(counts *bsonvalue.IDMap[int64], id bsonvalue.ID, n int64) {
	before, _ := counts.At(id)
	counts.Put(id, before+n)
}

func (f *finder) met(i int, target bsonvalue.ID) bool {
	for _, present := range f.into[i] {
		if present.Has(target) {
			return true
		}
	}
	return false
}

// keep keeps an occurrence, unless there are many.
func (f *finder) keep(findings []Finding, o Occurrence) {
	if finding := &findings[o.Reference]; len(finding.Occurrences) < f.most {
		finding.Occurrences = append(finding.Occurrences, o)
	}
}

// merge adds to the finder what is not in it yet.
func (t *taker) merge() error {
	f := t.finder
	f.Documents[t.collection] += t.documents
	t.documents = 0
	if t.alone {
		return nil
	}
	if t.present != nil {
		for id := range t.present.All() {
			f.present[t.collection].Add(id)
		}
	}
	for id := range t.found.All() {
		for _, s := range t.seeks {
			s.met(id)
		}
	}
	for collection, s := range t.sought {
		for id, mask := range s.ids.All() {
			f.sought[collection].add(id, mask)
		}
	}
	for i := range f.missing {
		t.mergeReference(i)
	}
	t.reset()
	return nil
}

func (t *taker) mergeReference(i int) {
	f := t.finder
	for id := range t.met[i].All() {
		f.missing[i].Remove(id)
	}
	for id, n := range t.missing[i].All() {
		add(&f.missing[i], id, n)
	}
	f.References[i].Holders += t.findings[i].Holders
	for _, o := range t.findings[i].Occurrences {
		f.keep(f.References, o)
	}
}
