package cachecleanup

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// sum is a number of files, their sizes, and the set of them.
type sum struct {
	files, bytes int64
	set          fingerprint
}

func (s sum) plus(o sum) sum { return sum{s.files + o.files, s.bytes + o.bytes, s.set.xor(o.set)} }

// digest names the set of files; it is empty where there are none.
func (s sum) digest() string {
	if s.files == 0 {
		return ""
	}
	var b []byte
	for _, number := range []uint64{s.set[0], s.set[1], uint64(s.files), uint64(s.bytes)} {
		b = binary.BigEndian.AppendUint64(b, number)
	}
	d := sha256.Sum256(b)
	return hex.EncodeToString(d[:])
}

// fingerprint is the beginning of a SHA-256 of a file's name, size and time; of a set of files it is the exclusive or.
type fingerprint [2]uint64

func (p fingerprint) xor(o fingerprint) fingerprint { return fingerprint{p[0] ^ o[0], p[1] ^ o[1]} }

// tie orders files that were used at the same instant.
func (p fingerprint) tie() uint64 { return p[0] }

func (f file) fingerprint() fingerprint {
	b := make([]byte, 0, 256)
	b = append(append(append(append(b, f.root.Path()...), 0), f.Path...), 0)
	b = binary.BigEndian.AppendUint64(b, uint64(f.Size))
	d := sha256.Sum256(binary.BigEndian.AppendUint64(b, uint64(f.Modified.UnixNano())))
	return fingerprint{binary.BigEndian.Uint64(d[:]), binary.BigEndian.Uint64(d[8:])}
}

// sum is the sum of this file alone.
func (f file) sum() sum { return sum{1, f.Size, f.fingerprint()} }
