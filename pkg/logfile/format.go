package logfile

import (
	"io"
	"path"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// The formats, as the endings of compressed files.
const (
	Gzip = ".gz"
	Zstd = ".zst"
)

// Endings are those of all compressed files that a Rotator knows. It makes one kind.
var Endings = []string{Gzip, Zstd}

// newPacker compresses what is written to it, in the format of an ending. A gzip file says when its log was last
// written.
func newPacker(to io.Writer, ending string, modified time.Time) (io.WriteCloser, error) {
	if ending == Zstd {
		return zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	}
	z := gzip.NewWriter(to)
	z.ModTime = modified
	return z, nil
}

// newUnpacker decompresses a file, in the format that its name's ending says.
func newUnpacker(from io.Reader, name string) (io.ReadCloser, error) {
	if path.Ext(name) != Zstd {
		return gzip.NewReader(from)
	}
	z, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
