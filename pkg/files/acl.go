package files

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// accessList is an access control list of a file beyond its permissions, as the kernel gives it.
type accessList struct {
	name  string // of the extended attribute that holds it
	value []byte
}

// The extended attributes with POSIX and NFSv4 access control lists. See acl(5) and nfs4_acl(5).
const (
	posixListName = "system.posix_acl_access"
	nfs4ListName  = "system.nfs4_acl"
)

// maxAttribute is how long the value of an extended attribute, and a list of their names, can be on Linux. See
// xattr(7).
const maxAttribute = 64 << 10

// accessLists are the access control lists of a file, of whatever kind; none where it has none, or where the file
// system knows none. Whoever may not read the file can still read its lists, so that it is looked at by name, below a
// folder that is open.
func (r *Root) accessLists(e Entry) ([]accessList, error) {
	fd, err := openBeneath(r.fd, e.Path, unix.O_PATH)
	if err != nil {
		return nil, r.failed("look at", e.Path, err)
	}
	defer unix.Close(fd)
	lists, err := accessListsOf(fd)
	if err != nil {
		return nil, r.failed("read the access control lists of", e.Path, err)
	}
	return lists, nil
}

// accessListsOf are those of an open file, in the order of their names.
func accessListsOf(fd int) (lists []accessList, err error) {
	file := fmt.Sprintf("/proc/self/fd/%d", fd)
	names, err := accessListNames(file)
	if err != nil {
		return nil, err
	}
	value := make([]byte, maxAttribute)
	for _, name := range names {
		n, err := unix.Getxattr(file, name, value)
		switch {
		case errors.Is(err, unix.ENODATA), errors.Is(err, unix.EOPNOTSUPP):
		case err != nil:
			return nil, err
		case n > 0:
			lists = append(lists, accessList{name, bytes.Clone(value[:n])})
		}
	}
	return lists, nil
}

// accessListNames are the attributes that may hold a list: the known ones, which a file system need not name, and what
// it names that looks like one of another kind.
func accessListNames(file string) ([]string, error) {
	names := []string{posixListName, nfs4ListName}
	named := make([]byte, maxAttribute)
	n, err := unix.Listxattr(file, named)
	if err != nil && !errors.Is(err, unix.EOPNOTSUPP) {
		return nil, err
	}
	for name := range strings.SplitSeq(string(named[:max(n, 0)]), "\x00") {
		if strings.HasPrefix(name, "system.") && strings.Contains(name, "acl") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// keepAccessLists gives an open file these lists and no others, such as those of its folder. Where that cannot be, it
// is ErrOwner.
func keepAccessLists(fd int, want []accessList) error {
	has, err := accessListsOf(fd)
	if err != nil || sameLists(has, want) {
		return err
	}
	for _, list := range has {
		if !slices.ContainsFunc(want, func(w accessList) bool { return w.name == list.name }) {
			_ = unix.Fremovexattr(fd, list.name) // the look below is what counts
		}
	}
	for _, list := range want {
		_ = unix.Fsetxattr(fd, list.name, list.value, 0) // likewise
	}
	if has, err = accessListsOf(fd); err == nil && !sameLists(has, want) {
		return ErrOwner
	}
	return err
}

func sameLists(a, b []accessList) bool {
	return slices.EqualFunc(a, b, func(a, b accessList) bool { return a.name == b.name && bytes.Equal(a.value, b.value) })
}
