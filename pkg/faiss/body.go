package faiss

import "errors"

// body is the vectors of an index while they are written, and what is kept of them to check the file with.
type body struct {
	file    handle
	writer  *writer
	ids     objectIDs
	content Content
	sample  sample
}

func (b *body) start(h handle, dimension int) (err error) {
	b.file = h
	b.writer, err = newWriter(h, dimension)
	return err
}

// Add appends one normalised vector. Where it could not be written, it is a part of the content nevertheless.
func (b *body) Add(id ObjectID, unit []float32) error {
	if err := b.writer.add(b.content.Add(id, unit)); err != nil {
		return err
	}
	b.sample.offer(b.Count(), unit)
	b.ids.add(id)
	return nil
}

// Count is how many vectors were written.
func (b *body) Count() int64 { return int64(b.ids.count) }

// end writes the rest and closes the file.
func (b *body) end() error {
	if err := b.writer.end(); err != nil {
		return err
	}
	err := errors.Join(b.file.Sync(), b.file.Close())
	b.file = nil
	return err
}

// closeFile closes the file, unless that was done.
func (b *body) closeFile() error {
	if b.file == nil {
		return nil
	}
	err := b.file.Close()
	b.file = nil
	return err
}

// objectIDs are the ids of an index in order. They are kept in pieces, since a list that grows is copied again and
// again.
type objectIDs struct {
	pieces [][]ObjectID
	count  int
}

const idsOfPiece = 4096

func (l *objectIDs) add(id ObjectID) {
	if l.count%idsOfPiece == 0 {
		l.pieces = append(l.pieces, make([]ObjectID, 0, idsOfPiece))
	}
	last := &l.pieces[len(l.pieces)-1]
	*last = append(*last, id)
	l.count++
}

func (l *objectIDs) at(i int64) ObjectID { return l.pieces[i/idsOfPiece][i%idsOfPiece] }
