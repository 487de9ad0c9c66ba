package files

import (
	"errors"
	"io"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// LeadingNULs is the number of NUL bytes at the beginning of a file. A program that does not append leaves them:
// after its file was truncated it writes on at its old offset, and everything before that is a hole.
func (r *Root) LeadingNULs(e Entry) (int64, error) {
	f, err := r.OpenFile(e, false)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n, err := SkipNULs(f)
	if err != nil {
		return 0, r.failed("read", e.Path, err)
	}
	return n, nil
}

// SkipNULs seeks to the first byte of a file that is not NUL, and returns its offset.
func SkipNULs(f *os.File) (int64, error) {
	at, err := unix.Seek(int(f.Fd()), 0, unix.SEEK_DATA)
	switch {
	case errors.Is(err, unix.ENXIO): // no data at all
		return f.Seek(0, io.SeekEnd)
	case errors.Is(err, unix.EINVAL): // a file system without holes
		at = 0
	case err != nil:
		return 0, err
	}
	for buffer := make([]byte, 64<<10); ; {
		n, err := f.ReadAt(buffer, at)
		data := slices.IndexFunc(buffer[:n], func(b byte) bool { return b != 0 })
		switch {
		case data >= 0:
			return f.Seek(at+int64(data), io.SeekStart)
		case errors.Is(err, io.EOF):
			return f.Seek(at+int64(n), io.SeekStart)
		case err != nil:
			return 0, err
		}
		at += int64(n)
	}
}
