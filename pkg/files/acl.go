package files

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// accessListName is the extended attribute with a file's POSIX access control list. See acl(5).
const accessListName = "system.posix_acl_access"

// maxAccessList is how long the value of an extended attribute can be on Linux. See xattr(7).
const maxAccessList = 64 << 10

// accessList is the access control list of a file beyond its permissions, as the kernel gives it; empty where it has none,
// or where the file system knows none. Whoever may not read the file can still read its list, so that it is looked at by
// name, below a folder that is open.
func (r *Root) accessList(e Entry) ([]byte, error) {
	fd, err := openBeneath(r.fd, e.Path, unix.O_PATH)
	if err != nil {
		return nil, r.failed("look at", e.Path, err)
	}
	defer unix.Close(fd)
	list := make([]byte, maxAccessList)
	n, err := unix.Getxattr(fmt.Sprintf("/proc/self/fd/%d", fd), accessListName, list)
	switch {
	case errors.Is(err, unix.ENODATA), errors.Is(err, unix.EOPNOTSUPP):
		return nil, nil
	case err != nil:
		return nil, r.failed("read the access control list of", e.Path, err)
	}
	return list[:n], nil
}
