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
		return fmt.Sprintf("has only %d of the %d files that were there last time, and its identity rests on %s", there, n,
			k.Basis())
	}
	return ""
}

// weak tells whether file system id and inode are no proof, and there is no marker: two disks can have the same.
func (k Known) weak() bool {
	kind, id, _ := strings.Cut(k.FileSystem, ":")
	return k.Marker == "" && (strings.Trim(id, "0") == "" || !slices.Contains(unique, kind))
}

// unique are the types of file systems, as in statfs(2), whose id is made of a UUID or a random number that belongs to
// the file system: ext2, ext3 and ext4 (ext4_statfs in fs/ext4/super.c of Linux), Btrfs (btrfs_statfs), bcachefs
// (bch2_statfs), GFS2 (gfs2_statfs), tmpfs (shmem_statfs), and ZFS (dmu_objset_fsid_guid in zfs_statvfs of
// OpenZFS). The id of most others, such as XFS, F2FS, FAT, exFAT, HFS+, UDF, ISO 9660, squashfs and FUSE, is the number
// of the device (huge_encode_dev) or of the mount, which the next disk may get, and their root folder always has the
// same inode.
var unique = []string{"ef53", "9123683e", "ca451a4e", "1161970", "1021994", "2fc12fc1"}
