package logrotation

import (
	"io"
	"path"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// Endings of compressed files.
const (
	gzipEnding = ".gz"
	zstdEnding = ".zst"
)

// packedEndings are those of all compressed files that this task makes. One run makes one kind, and knows both.
var packedEndings = []string{gzipEnding, zstdEnding}

// endingOf is the ending of the compressed files that a run makes.
func endingOf(o jobspec.Options) string {
	if o.CompressZstd {
		return zstdEnding
	}
	return gzipEnding
}

// newPacker compresses what is written to it, in the format of an ending. A gzip file says when its log was last
// written.
func newPacker(to io.Writer, ending string, modified time.Time) (io.WriteCloser, error) {
	if ending == zstdEnding {
		return zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	}
	z := gzip.NewWriter(to)
	z.ModTime = modified
	return z, nil
}

// newUnpacker decompresses a file, in the format that its name's ending says.
func newUnpacker(from io.Reader, name string) (io.ReadCloser, error) {
	if path.Ext(name) != zstdEnding {
		return gzip.NewReader(from)
	}
	z, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
