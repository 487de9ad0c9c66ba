package faiss

import (
	"encoding/binary"
	"fmt"
)

// Sizes and places in an index file, in bytes.
const (
	magicSize   = 4
	headerSize  = 4 + 8 + 8 + 8 + 1 + 4
	partSize    = magicSize + headerSize
	vectorsAt   = 2*partSize + 8
	floatsAt    = 2 * partSize
	vectorCount = magicSize + 4 // of a part: where its header counts the vectors
)

const (
	mapMagic  = "IxM2"
	flatMagic = "IxFI"
	// legacy is a number that FAISS writes twice and ignores.
	legacy       = 1 << 20
	innerProduct = 0
)

// preamble is everything before the vectors.
func preamble(dimension int, vectors int64) []byte {
	b := appendPart(nil, mapMagic, dimension, vectors)
	b = appendPart(b, flatMagic, dimension, vectors)
	return binary.LittleEndian.AppendUint64(b, uint64(vectors)*uint64(dimension))
}

func appendPart(b []byte, magic string, dimension int, vectors int64) []byte {
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(dimension))
	b = binary.LittleEndian.AppendUint64(b, uint64(vectors))
	b = binary.LittleEndian.AppendUint64(b, legacy)
	b = binary.LittleEndian.AppendUint64(b, legacy)
	b = append(b, 1)
	return binary.LittleEndian.AppendUint32(b, innerProduct)
}

// parsePreamble reads what preamble writes, and nothing else that FAISS can write.
func parsePreamble(b []byte) (dimension int, vectors int64, err error) {
	dimension = int(int32(binary.LittleEndian.Uint32(b[magicSize:])))
	vectors = int64(binary.LittleEndian.Uint64(b[vectorCount:]))
	if dimension <= 0 || vectors < 0 {
		return 0, 0, &DamagedError{What: fmt.Sprintf("it says that it has %d vectors of dimension %d", vectors, dimension)}
	}
	if string(b) != string(preamble(dimension, vectors)) {
		return 0, 0, &DamagedError{What: "it does not begin as an IndexIDMap2 over an IndexFlatIP"}
	}
	return dimension, vectors, nil
}

// indexSize is the length of a whole index file.
func indexSize(dimension int, vectors int64) int64 {
	return vectorsAt + vectors*int64(dimension)*4 + 8 + vectors*8
}

// DamagedError says that a file is there and is not what it should be.
type DamagedError struct {
	Path string // within the index folder, where it is known
	What string
}

func (e *DamagedError) Error() string {
	if e.Path == "" {
		return "damaged: " + e.What
	}
	return fmt.Sprintf("%s is damaged: %s", e.Path, e.What)
}
