package references

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/sharing"
)

// What a record of a portion is about.
const (
	holdersRecord    = iota // reference, documents that refer
	missingRecord           // reference, id, occurrences
	metRecord               // reference, id
	foundRecord             // id
	occurrenceRecord        // reference, document, target
)

// portion is what a taker that is not alone found, as bytes.
type portion struct {
	b     []byte
	chunk func([]byte) error
}

// put ends a record. Full portions are passed on.
func (p *portion) put() error {
	if len(p.b) < sharing.MaxChunk {
		return nil
	}
	return p.pass()
}

func (p *portion) pass() error {
	if len(p.b) == 0 {
		return nil
	}
	err := p.chunk(p.b)
	p.b = p.b[:0]
	return err
}

func (p *portion) begin(kind int) { p.b = bsonvalue.AppendNumber(p.b, int64(kind)) }
func (p *portion) number(n int64) { p.b = bsonvalue.AppendNumber(p.b, n) }
func (p *portion) id(id bsonvalue.ID) {
	p.b = id.Append(p.b)
}

// encode gives what was found in chunks, which absorb reads in any order. The taker's collection does not refer to
// itself, and is read last: it seeks nothing that is read later, and its own ids are of no interest.
func (t *taker) encode(chunk func([]byte) error) error {
	p := &portion{chunk: chunk}
	for id := range t.found.All() {
		p.begin(foundRecord)
		p.id(id)
		if err := p.put(); err != nil {
			return err
		}
	}
	for i := range t.findings {
		if err := t.encodeReference(p, i); err != nil {
			return err
		}
	}
	return p.pass()
}

func (t *taker) encodeReference(p *portion, i int) error {
	p.begin(holdersRecord)
	p.number(int64(i))
	p.number(t.findings[i].Holders)
	for id, n := range t.missing[i].All() {
		p.begin(missingRecord)
		p.number(int64(i))
		p.id(id)
		p.number(n)
		if err := p.put(); err != nil {
			return err
		}
	}
	for id := range t.met[i].All() {
		p.begin(metRecord)
		p.number(int64(i))
		p.id(id)
		if err := p.put(); err != nil {
			return err
		}
	}
	for _, o := range t.findings[i].Occurrences {
		p.begin(occurrenceRecord)
		p.number(int64(i))
		p.id(o.Document)
		p.id(o.Target)
		if err := p.put(); err != nil {
			return err
		}
	}
	return nil
}

// absorb takes over a chunk of another taker of the same collection.
func (t *taker) absorb(chunk []byte) error {
	r := &recordReader{b: chunk}
	for len(r.b) > 0 && r.err == nil {
		t.absorbRecord(r)
	}
	return r.err
}

func (t *taker) absorbRecord(r *recordReader) {
	kind := r.number()
	if kind == foundRecord {
		if id := r.id(); r.err == nil {
			t.found.Add(id)
		}
		return
	}
	i := r.number()
	if i >= int64(len(t.findings)) || kind > occurrenceRecord {
		r.err = bsonvalue.ErrTruncated
	}
	switch {
	case r.err != nil:
	case kind == holdersRecord:
		t.findings[i].Holders += r.number()
	case kind == missingRecord:
		id := r.id()
		add(&t.missing[i], id, r.number())
	case kind == metRecord:
		t.met[i].Add(r.id())
	case kind == occurrenceRecord:
		o := Occurrence{Reference: int(i), Document: r.id(), Target: r.id()}
		t.finder.keep(t.findings, o)
	}
}

// recordReader reads records; after an error it reads nothing.
type recordReader struct {
	b   []byte
	err error
}

func (r *recordReader) number() (n int64) {
	if r.err == nil {
		n, r.b, r.err = bsonvalue.CutNumber(r.b)
	}
	return n
}

func (r *recordReader) id() (id bsonvalue.ID) {
	if r.err == nil {
		id, r.b, r.err = bsonvalue.Cut(r.b)
	}
	return id
}

// part takes one range of the last collection.
func (f *finder) part(collection string) func() sharing.Part {
	all, places := placesOf(f.library, f.refersFrom(collection))
	return func() sharing.Part {
		t, fields := f.newTaker(collection, false), all.Clone()
		return sharing.Part{Encode: t.encode, Each: func(doc bson.Raw) error {
			t.take(fields.Read(doc), places)
			return nil
		}}
	}
}

// readShared is the reading of the last collection by several processes.
func (f *finder) readShared(ctx context.Context, shared *sharing.Scan) error {
	collection := shared.Collection
	f.progress.Start("reading "+collection, f.db.Estimate(ctx, collection))
	defer f.progress.Done()
	return shared.Read(ctx, f.scanOptions(collection), f.part(collection),
		func(documents int64, chunks sharing.Chunks) error {
			t := f.newTaker(collection, false)
			t.documents = documents
			if err := chunks(t.absorb); err != nil {
				return err
			}
			return t.merge()
		})
}
