package faiss

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

// SidecarVersion is the version of the sidecar's format. A reader accepts its own only.
const SidecarVersion = 1

const (
	sidecarMagic = "UCFSIDS\x00"
	sidecarSize  = 96 // of what comes before the ids
)

// Sidecar is what a sidecar says of the index that it belongs to.
type Sidecar struct {
	Generation uint64
	Dimension  int
	Count      int64
	Index      [32]byte // SHA-256 of the index file
	Content    [32]byte // Content.Sum of what the index was made from
}

// write writes the sidecar with the ObjectIDs of the ids 0, 1, 2, ...
func (s Sidecar) write(w io.Writer, ids *objectIDs) error {
	hash := sha256.New()
	out := bufio.NewWriterSize(w, bufferSize)
	both := io.MultiWriter(out, hash)
	both.Write(s.header()) // a bufio.Writer keeps its first error, which Flush returns
	for _, piece := range ids.pieces {
		for i := range piece {
			both.Write(piece[i][:])
		}
	}
	out.Write(hash.Sum(nil))
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the sidecar: %w", err)
	}
	return nil
}

func (s Sidecar) header() []byte {
	b := append(make([]byte, 0, sidecarSize), sidecarMagic...)
	b = binary.LittleEndian.AppendUint32(b, SidecarVersion)
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Dimension))
	b = binary.LittleEndian.AppendUint64(b, s.Generation)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.Count))
	b = append(b, s.Index[:]...)
	return append(b, s.Content[:]...)
}

// ReadSidecar reads a whole sidecar and gives each ObjectID to each, by its id; each may be nil. What was given is good
// only where no error comes back, since the checksum is the last thing in the file.
func ReadSidecar(r io.Reader, each func(id int64, object ObjectID)) (Sidecar, error) {
	in, hash := bufio.NewReaderSize(r, bufferSize), sha256.New()
	hashed := io.TeeReader(in, hash)
	b := make([]byte, sidecarSize)
	if _, err := io.ReadFull(hashed, b); err != nil {
		return Sidecar{}, whole(err)
	}
	s, err := parseSidecar(b)
	if err != nil {
		return Sidecar{}, err
	}
	for id := range s.Count {
		var object ObjectID
		if _, err := io.ReadFull(hashed, object[:]); err != nil {
			return Sidecar{}, whole(err)
		}
		if each != nil {
			each(id, object)
		}
	}
	return s, checkSum(in, hash.Sum(nil))
}

func parseSidecar(b []byte) (Sidecar, error) {
	if string(b[:8]) != sidecarMagic {
		return Sidecar{}, &DamagedError{What: "it is no sidecar"}
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != SidecarVersion {
		return Sidecar{}, &DamagedError{What: fmt.Sprintf("it has the format version %d, this program reads %d", v,
			SidecarVersion)}
	}
	return Sidecar{
		Dimension:  int(binary.LittleEndian.Uint32(b[12:])),
		Generation: binary.LittleEndian.Uint64(b[16:]),
		Count:      int64(binary.LittleEndian.Uint64(b[24:])),
		Index:      [32]byte(b[32:]),
		Content:    [32]byte(b[64:]),
	}, nil
}

// checkSum compares the rest of a sidecar, which is its checksum, with what was read before.
func checkSum(in io.Reader, want []byte) error {
	rest, err := io.ReadAll(io.LimitReader(in, sha256.Size+1))
	if err != nil {
		return err
	}
	if !bytes.Equal(rest, want) {
		return &DamagedError{What: "its checksum is wrong"}
	}
	return nil
}
