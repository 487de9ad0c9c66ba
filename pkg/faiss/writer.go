package faiss

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
)

// writer streams one index file. The ids are the vectors' positions, so that nothing needs to be held; the counts,
// which stand before the vectors, are written last.
type writer struct {
	file      handle
	out       *bufio.Writer
	dimension int
	count     int64
}

// bufferSize is large enough to make the cost of a system call vanish.
const bufferSize = 256 << 10

// newWriter begins an index file for vectors of one dimension.
func newWriter(f handle, dimension int) (*writer, error) {
	if dimension <= 0 || dimension > math.MaxInt32 {
		return nil, fmt.Errorf("write an index of dimension %d: it must be positive", dimension)
	}
	w := &writer{file: f, out: bufio.NewWriterSize(f, bufferSize), dimension: dimension}
	if _, err := w.out.Write(preamble(dimension, 0)); err != nil {
		return nil, fmt.Errorf("write the index header: %w", err)
	}
	return w, nil
}

// add appends one normalised vector as the file holds it; its id is the number of vectors before it.
func (w *writer) add(row []byte) error {
	if len(row) != 4*w.dimension {
		return fmt.Errorf("write a vector of dimension %d to an index of dimension %d", len(row)/4, w.dimension)
	}
	if _, err := w.out.Write(row); err != nil {
		return fmt.Errorf("write vector %d: %w", w.count, err)
	}
	w.count++
	return nil
}

// end writes the ids and the counts. It neither syncs nor closes the file.
func (w *writer) end() error {
	if err := w.writeIDs(); err != nil {
		return fmt.Errorf("write the ids: %w", err)
	}
	if _, err := w.file.WriteAt(preamble(w.dimension, w.count), 0); err != nil {
		return fmt.Errorf("write the counts: %w", err)
	}
	return nil
}

func (w *writer) writeIDs() error {
	b := binary.LittleEndian.AppendUint64(nil, uint64(w.count))
	for id := range w.count {
		if _, err := w.out.Write(b); err != nil {
			return err
		}
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(id))
	}
	if _, err := w.out.Write(b); err != nil {
		return err
	}
	return w.out.Flush()
}
