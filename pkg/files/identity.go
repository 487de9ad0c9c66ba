package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Marker is the file in a library root that carries the root's id.
const Marker = ".ucorefs-maintenance-root"

// Identity is what tells a library root from another folder that stands under its name, such as the mount point of a
// disk that is not mounted.
type Identity struct {
	FileSystem string // its type and its id; the id is 0 where the file system has none
	Inode      uint64 // of the root folder
	Marker     string // the id in the marker; empty where there is none
	FoldsCase  bool   // names that differ in case only may be one file here
}

// Identity looks at the root as it is now.
func (l *Library) Identity() (Identity, error) {
	var system unix.Statfs_t
	var folder unix.Stat_t
	if err := unix.Fstatfs(l.fd, &system); err != nil {
		return Identity{}, l.failed("look at the file system of", ".", err)
	}
	if err := unix.Fstat(l.fd, &folder); err != nil {
		return Identity{}, l.failed("look at", ".", err)
	}
	id, err := l.marker()
	return Identity{
		FileSystem: fmt.Sprintf("%x:%08x%08x", uint64(system.Type), uint32(system.Fsid.Val[0]), uint32(system.Fsid.Val[1])),
		Inode:      folder.Ino, Marker: id, FoldsCase: slices.Contains(foldingSystems, int64(system.Type)),
	}, err
}

// foldingSystems are the types of file systems that do not, or may not, tell A from a: FAT, exFAT, NTFS (two drivers),
// HFS+, CIFS and SMB, and FUSE, behind which any may be. The numbers are those of statfs(2).
var foldingSystems = []int64{0x4d44, 0x2011bab0, 0x5346544e, 0x7366746e, 0x482b, 0xff534d42, 0xfe534d42, 0x65735546}

// marker is the id in the marker, or empty. A marker that was made and not yet written counts as none.
func (l *Library) marker() (string, error) {
	fd, err := openBeneath(l.fd, Marker, unix.O_RDONLY|unix.O_NONBLOCK)
	if errors.Is(err, fs.ErrNotExist) || isNoFile(err) {
		return "", nil
	}
	if err != nil {
		return "", l.failed("open", Marker, err)
	}
	f := os.NewFile(uintptr(fd), Marker)
	defer f.Close()
	id, _, err := readMarker(f)
	if err != nil {
		return "", l.failed("read", Marker, err)
	}
	return id, nil
}

// isNoFile tells whether a name cannot be opened for what it is: a symbolic link, a socket, a device that is not there,
// or a folder that was to be written to.
func isNoFile(err error) bool {
	return errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENODEV) ||
		errors.Is(err, unix.EISDIR)
}

// errNoMarker is the error for something that has the name of a marker and is none: a pipe, a link, a second name of
// another file, or a file that somebody else wrote. It is never written to.
var errNoMarker = errors.New("it has the name of the marker file and is none: remove it")

// readMarker reads the id. What is no marker has none, and reads as errNoMarker in why; why is nil for an empty file.
func readMarker(f *os.File) (id string, why, err error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return "", nil, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Nlink > 1 {
		return "", errNoMarker, nil
	}
	content, err := io.ReadAll(io.LimitReader(f, 4096))
	id, _, _ = strings.Cut(string(content), "\n")
	if len(content) > 0 && !isMarkerID(id) {
		return "", errNoMarker, err
	}
	return id, nil, err
}

// isMarkerID tells whether text may be an id in a marker: short, and printable ASCII without a space.
func isMarkerID(text string) bool {
	return text != "" && len(text) <= 128 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// markerText explains the marker to whoever finds it.
const markerText = "%s\nThis file tells UCore FS maintenance that this disk is mounted. Do not copy, change or " +
	"remove it.\n"

// Mark gives the root a marker with an id, unless it has one, and returns the id in it. It is safe on disk then.
func (l *Library) Mark(id string) (string, error) {
	flags := uint64(unix.O_RDWR | unix.O_CREAT | unix.O_NONBLOCK)
	how := unix.OpenHow{Flags: flags | unix.O_CLOEXEC | unix.O_NOFOLLOW, Mode: 0o644,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV}
	fd, err := unix.Openat2(l.fd, Marker, &how)
	if isNoFile(err) {
		err = errNoMarker
	}
	if err != nil {
		return "", l.failed("create", Marker, err)
	}
	f := os.NewFile(uintptr(fd), Marker)
	found, why, err := readMarker(f)
	err = errors.Join(err, why)
	if err == nil && found == "" {
		found = id
		if _, err = fmt.Fprintf(f, markerText, id); err == nil {
			err = errors.Join(f.Sync(), unix.Fsync(l.fd))
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return "", l.failed("write", Marker, err)
	}
	return found, nil
}
