package faiss

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Index is what an index file holds, apart from its vectors.
type Index struct {
	Dimension int
	Count     int64
	Digest    [32]byte // SHA-256 of the file
}

// ReadIndex reads a whole index file of the given size and gives each vector to each, which must not keep it; each may
// be nil. A file that this package would not have written is a *DamagedError.
func ReadIndex(r io.Reader, size int64, each func(position int64, unit []float32)) (Index, error) {
	hash := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(r, hash), bufferSize)
	index, err := readPreamble(in, size)
	if err != nil {
		return Index{}, err
	}
	if err := readVectors(in, index, each); err != nil {
		return Index{}, whole(err)
	}
	if err := readIDs(in, index.Count); err != nil {
		return Index{}, whole(err)
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return Index{}, &DamagedError{What: "it grew while it was read"}
	}
	hash.Sum(index.Digest[:0])
	return index, nil
}

func readPreamble(in io.Reader, size int64) (Index, error) {
	b := make([]byte, vectorsAt)
	if _, err := io.ReadFull(in, b); err != nil {
		return Index{}, whole(err)
	}
	dimension, count, err := parsePreamble(b)
	if err != nil {
		return Index{}, err
	}
	if count > size || indexSize(dimension, count) != size { // the first keeps the product from overflowing
		return Index{}, &DamagedError{What: fmt.Sprintf("%d bytes are not %d vectors of dimension %d", size, count,
			dimension)}
	}
	return Index{Dimension: dimension, Count: count}, nil
}

func readVectors(in io.Reader, index Index, each func(int64, []float32)) error {
	row, unit := make([]byte, 4*index.Dimension), make([]float32, index.Dimension)
	for position := range index.Count {
		if _, err := io.ReadFull(in, row); err != nil {
			return err
		}
		if each == nil {
			continue
		}
		decodeRow(unit, row)
		each(position, unit)
	}
	return nil
}

// decodeRow is the vector that a file holds as row.
func decodeRow(unit []float32, row []byte) {
	for i := range unit {
		unit[i] = math.Float32frombits(binary.LittleEndian.Uint32(row[4*i:]))
	}
}

func readIDs(in io.Reader, count int64) error {
	var b [8]byte
	for want := int64(-1); want < count; want++ { // -1: the count of ids comes first
		if _, err := io.ReadFull(in, b[:]); err != nil {
			return err
		}
		got := int64(binary.LittleEndian.Uint64(b[:]))
		if want == -1 && got != count || want >= 0 && got != want {
			return &DamagedError{What: fmt.Sprintf("its ids are not 0 to %d", count-1)}
		}
	}
	return nil
}

// whole makes an early end a damage, and leaves a real read error what it is.
func whole(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &DamagedError{What: "it ends too early"}
	}
	return err
}
