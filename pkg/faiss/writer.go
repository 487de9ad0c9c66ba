package faiss

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// File is what a Writer writes to: an os.File that was opened without O_APPEND.
type File interface {
	io.Writer
	io.WriterAt
}

// Writer streams one index file. The ids are the vectors' positions, so that nothing needs to be held; the counts, which stand
// before the vectors, are written last.
type Writer struct {
	file      File
	out       *bufio.Writer
	dimension int
	count     int64
	row       []byte
}

// bufferSize is large enough to make the cost of a system call vanish.
const bufferSize = 256 << 10

// NewWriter begins an index file for vectors of one dimension.
func NewWriter(f File, dimension int) (*Writer, error) {
	if dimension <= 0 || dimension > math.MaxInt32 {
		return nil, fmt.Errorf("write an index of dimension %d: it must be positive", dimension)
	}
	w := &Writer{file: f, out: bufio.NewWriterSize(f, bufferSize), dimension: dimension}
	if _, err := w.out.Write(preamble(dimension, 0)); err != nil {
		return nil, fmt.Errorf("write the index header: %w", err)
	}
	return w, nil
}

// Add appends one normalised vector; its id is the number of vectors before it.
func (w *Writer) Add(unit []float32) error {
	w.row = appendRow(w.row[:0], unit)
	return w.addRow(w.row)
}

// addRow is Add of a vector as the file holds it.
func (w *Writer) addRow(row []byte) error {
	if len(row) != 4*w.dimension {
		return fmt.Errorf("write a vector of dimension %d to an index of dimension %d", len(row)/4, w.dimension)
	}
	if _, err := w.out.Write(row); err != nil {
		return fmt.Errorf("write vector %d: %w", w.count, err)
	}
	w.count++
	return nil
}

// Close writes the ids and the counts. It neither syncs nor closes the file.
func (w *Writer) Close() error {
	if err := w.writeIDs(); err != nil {
		return fmt.Errorf("write the ids: %w", err)
	}
	if _, err := w.file.WriteAt(preamble(w.dimension, w.count), 0); err != nil {
		return fmt.Errorf("write the counts: %w", err)
	}
	return nil
}

func (w *Writer) writeIDs() error {
	b := binary.LittleEndian.AppendUint64(w.row[:0], uint64(w.count))
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
