package roots

import (
	"fmt"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/files"
)

// Basis is what the identity of the root rests on, for a person.
func (k Known) Basis() string {
	switch {
	case k.Marker != "":
		return "its marker file " + files.Marker + " and its inode"
	case k.weak():
		return "its files: it has no marker file, and its file system id and inode do not distinguish disks"
	}
	return "its file system id and its inode: it has no marker file"
}

// lacking is how a root with the right identity, in which so many files of the sample are there, differs from what is
// remembered, as the end of the sentence "the root ..."; empty if enough files are there. One file is enough, unless
// the identity rests on the files: then more than half of them must be there.
func (k Known) lacking(there int) string {
	n := len(k.Sample)
	switch {
	case n == 0:
		return ""
	case there == 0:
		return fmt.Sprintf("has none of the %d files that were there last time", n)
	case k.weak() && 2*there <= n:
		return fmt.Sprintf("has only %d of the %d files that were there last time, and its identity rests on %s", there, n, k.Basis())
	}
	return ""
}

// weak tells whether file system id and inode are no proof, and there is no marker: two disks can have the same.
func (k Known) weak() bool {
	kind, id, _ := strings.Cut(k.FileSystem, ":")
	return k.Marker == "" && (strings.Trim(id, "0") == "" || slices.Contains(deviceNumbered, kind))
}

// deviceNumbered are the types of file systems, as in statfs(2), whose id is the number of the device or of the mount,
// which the next disk may get, and whose root folder always has the same inode: FUSE, XFS, FAT, exFAT, NTFS, ISO 9660.
var deviceNumbered = []string{"65735546", "58465342", "4d44", "2011bab0", "5346544e", "7366746e", "9660"}
