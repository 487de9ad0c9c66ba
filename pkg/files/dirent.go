package files

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"
)

// namesBuffer is how many bytes of names one system call reads: with names of 40 bytes, a thousand.
const namesBuffer = 64 << 10

// readNames gives every name in an open folder to each, a buffer of whole records at a time; each may use the buffer
// until it returns. It asks for nothing but the names: a look at each file could fail, or be wrong.
func readNames(fd int, buffer []byte, each func(records []byte) error) error {
	for {
		n, err := unix.Getdents(fd, buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		case n == 0:
			return nil
		}
		if err := each(buffer[:n]); err != nil {
			return err
		}
	}
}

// dirent is one name as the kernel reports it.
type dirent struct {
	name []byte // lies in the buffer, with a NUL behind it
	kind byte   // such as unix.DT_REG; unix.DT_UNKNOWN where the file system does not say
}

// isDot tells whether the name is that of the folder itself or of the one that it is in.
func (e dirent) isDot() bool { return string(e.name) == "." || string(e.name) == ".." }

// Offsets in Linux's struct linux_dirent64: inode 8 bytes, position 8, length of the record 2, type 1, the name and a
// NUL.
const (
	direntLength = 16
	direntType   = 18
	direntName   = 19
)

func nextDirent(b []byte) (e dirent, rest []byte, err error) {
	if len(b) < direntName {
		return e, nil, unix.EIO
	}
	size := int(binary.NativeEndian.Uint16(b[direntLength:]))
	if size <= direntName || size > len(b) {
		return e, nil, unix.EIO
	}
	end := direntName
	for end < size && b[end] != 0 {
		end++
	}
	if end == size {
		return e, nil, unix.EIO // a name without its NUL
	}
	return dirent{name: b[direntName:end], kind: b[direntType]}, b[size:], nil
}

// cutRecords cuts records off the front: as many as most bytes hold, but at least one.
func cutRecords(b []byte, most int) (front, rest []byte, err error) {
	for rest = b; len(rest) > 0 && (len(front) == 0 || len(front) < most); front = b[:len(b)-len(rest)] {
		if _, rest, err = nextDirent(rest); err != nil {
			return nil, nil, err
		}
	}
	return front, rest, nil
}
