package files

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// place is where a folder really is: a file system and the path in it. Two mounts of one volume, such as two sub-paths
// of one claim, have names that say nothing about each other; their places do.
type place struct{ device, path string }

// covers tells whether other is p or lies in it.
func (p place) covers(other place) bool {
	return p.device != "" && p.device == other.device && (p.path == other.path || strings.HasPrefix(other.path,
		strings.TrimSuffix(p.path, "/")+"/"))
}

// placeOf is the place of an open folder; the zero place, which covers nothing, where the system does not tell.
func placeOf(fd int) place {
	name, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	if err != nil {
		return place{}
	}
	id, err := mountID(fd)
	if err != nil {
		return place{}
	}
	mounts, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return place{}
	}
	defer mounts.Close()
	for lines := bufio.NewScanner(mounts); lines.Scan(); {
		if p, ok := placeIn(lines.Text(), id, name); ok {
			return p
		}
	}
	return place{}
}

// mountID is the id of the mount through which a folder was opened.
func mountID(fd int) (string, error) {
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(info)) {
		if id, ok := strings.CutPrefix(line, "mnt_id:"); ok {
			return strings.TrimSpace(id), nil
		}
	}
	return "", errors.ErrUnsupported
}

// placeIn reads one line of mountinfo(5): id, parent, device, path of the mount in the file system, mount point.
func placeIn(line, id, name string) (place, bool) {
	fields := strings.Fields(line)
	if len(fields) < 5 || fields[0] != id {
		return place{}, false
	}
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(unescape(fields[4]), "/"))
	return place{device: fields[2], path: path.Join(unescape(fields[3]), rest)}, ok
}

// unescape reads the octal form that mountinfo has for spaces, tabs, newlines and backslashes.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// placeOfFolder is the place of a folder by its name, symbolic links followed.
func placeOfFolder(folder string) place {
	fd, err := unix.Open(folder, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return place{}
	}
	defer unix.Close(fd)
	return placeOf(fd)
}

// Covers tells whether other is this folder or lies in it, through whatever mounts the two were reached, so that a walk
// of this one sees the other's files too.
func (r *Root) Covers(other *Root) bool { return r.place.covers(other.place) }
