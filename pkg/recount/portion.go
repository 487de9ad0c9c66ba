package recount

import (
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/scan"
)

// Portion counts some of the documents of sources for a Tally of another process. It does not know which ids matter
// there, so that it counts for all that it meets.
type Portion struct{ tally *Tally }

// NewPortion is an empty portion.
func (c Counters) NewPortion() Portion {
	t := c.NewTally()
	for i := range t.of {
		t.Open(i)
	}
	return Portion{t}
}

// Add counts one document of a source. Each may be added once, to one portion.
func (p Portion) Add(source int, row scan.Row) { p.tally.Add(source, row) }

// Encode gives what was counted in chunks of about most bytes, which Absorb reads in any order.
func (p Portion) Encode(most int, chunk func([]byte) error) error {
	var b []byte
	for i := range p.tally.of {
		d := &p.tally.of[i]
		for id, at := range d.index.All() {
			b = id.Append(bsonvalue.AppendNumber(b, int64(i)))
			for n := range d.columns {
				b = bsonvalue.AppendNumber(b, d.columns[n].sums.at(at))
			}
			if len(b) < most {
				continue
			}
			if err := chunk(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	if len(b) == 0 {
		return nil
	}
	return chunk(b)
}

// Absorb adds a chunk of a Portion of the same Counters. Ids that the tally was not told of do not count.
func (t *Tally) Absorb(chunk []byte) error {
	for len(chunk) > 0 {
		i, rest, err := bsonvalue.CutNumber(chunk)
		if err != nil || i >= int64(len(t.of)) {
			return bsonvalue.ErrTruncated
		}
		id, rest, err := bsonvalue.Cut(rest)
		if err != nil {
			return err
		}
		if chunk, err = t.of[i].absorb(id, rest); err != nil {
			return err
		}
	}
	return nil
}

// absorb adds the sums of one document, and returns what follows them.
func (d *documents) absorb(id bsonvalue.ID, b []byte) (rest []byte, err error) {
	at, known := d.index.At(id)
	if !known && d.open {
		at, known = d.place(id), true
	}
	for n := range d.columns {
		sum, rest, err := bsonvalue.CutNumber(b)
		if err != nil {
			return nil, err
		}
		if b = rest; known && sum > 0 {
			sums := &d.columns[n].sums
			sums.set(at, plus(sums.at(at), sum))
		}
	}
	return b, nil
}
