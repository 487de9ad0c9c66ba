package faiss

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// IsUnusable tells whether an error of this package means that the index folder itself must be changed: it does not
// exist, is no folder, may not be written, or holds something else.
func IsUnusable(err error) bool {
	unusable := []error{
		fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, ErrOccupied,
		unix.ENOTDIR, unix.EISDIR, unix.EROFS, unix.ELOOP, unix.ENOTEMPTY,
	}
	return slices.ContainsFunc(unusable, func(e error) bool { return errors.Is(err, e) }) || escapes(err)
}

// escapes tells whether a name in the folder is a link that leads out of it: an os.Root then fails without an errno.
func escapes(err error) bool {
	var path *fs.PathError
	var link *os.LinkError
	var errno unix.Errno
	return (errors.As(err, &path) || errors.As(err, &link)) && !errors.As(err, &errno)
}
