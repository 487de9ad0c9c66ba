package files

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// UnsafeFolderError is a folder that no cleaner may work on; Why is the end of the sentence "it ...".
type UnsafeFolderError struct{ Folder, Why string }

func (e *UnsafeFolderError) Error() string {
	return fmt.Sprintf("%s is no folder to work on: it %s; use a folder that holds nothing else", e.Folder, e.Why)
}

// systemTrees are never worked on, nor anything below them.
var systemTrees = []string{"/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys",
	"/usr"}

// sharedFolders hold things of many owners: a folder below one may be worked on, the folder itself may not.
var sharedFolders = []string{
	"/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/Users",
	"/var", "/var/cache", "/var/home", "/var/lib", "/var/log", "/var/run", "/var/spool", "/var/tmp",
}

// check refuses a folder that is unsafe.
func (r *Root) check(libraries []string) error {
	why := systemFolder(r.path)
	if why == "" {
		why = touchesHome(r.path, homes())
	}
	for _, library := range libraries {
		if why == "" {
			why = r.touchesLibrary(library)
		}
	}
	if why == "" {
		why = liesInMarked(r.path)
	}
	if why != "" {
		return &UnsafeFolderError{Folder: r.path, Why: why}
	}
	return nil
}

func systemFolder(folder string) string {
	if folder == "/" {
		return "is the root of the file system"
	}
	for _, tree := range systemTrees {
		if folder == tree || strings.HasPrefix(folder, tree+"/") {
			return "belongs to the system"
		}
	}
	if slices.Contains(sharedFolders, folder) {
		return "holds what belongs to others"
	}
	return ""
}

// touchesHome says whether a folder is or holds somebody's home directory, by custom or by the list of users.
func touchesHome(folder string, known []string) string {
	if parent := filepath.Dir(folder); parent == "/home" || parent == "/Users" || parent == "/var/home" {
		return "is a home directory"
	}
	for _, home := range known {
		if isOrLiesIn(home, folder) {
			return "is or holds the home directory " + home
		}
	}
	return ""
}

// homes are the home directories of the users of this machine; none where there is no list, as in most containers.
func homes() (list []string) {
	f, err := os.Open("/etc/passwd")
	if err != nil {
		return nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Split(lines.Text(), ":"); len(fields) == 7 && filepath.IsAbs(fields[5]) {
			list = append(list, realPath(fields[5]))
		}
	}
	return list
}

// touchesLibrary says whether the folder is, holds or lies in a folder that holds library files. It compares what the
// names lead to, not the names.
func (r *Root) touchesLibrary(library string) string {
	real, there := realPath(library), placeOfFolder(library)
	switch {
	case isOrLiesIn(r.path, real), there.covers(r.place):
		return "is, or lies in, the library " + library
	case isOrLiesIn(real, r.path), r.place.covers(there):
		return "holds the library " + library
	}
	return ""
}

// liesInMarked says whether a folder is, or is inside, a folder with a library marker; empty: no.
func liesInMarked(folder string) string {
	for at := folder; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, Marker)); err == nil {
			return "is, or is inside, the library " + at + ", which contains the marker file " + Marker
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// holdsMarked is the error for a root below which a library marker was found.
func (r *Root) holdsMarked(marker string) error {
	library := filepath.Join(r.path, filepath.Dir(marker))
	why := "holds the library " + library + ", which contains the marker file " + Marker
	return &UnsafeFolderError{Folder: r.path, Why: why}
}

// realPath is what a name leads to. What does not exist now, such as a library that is not mounted, keeps its name.
func realPath(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return filepath.Clean(name)
}

// isOrLiesIn tells whether a real path is, or leads through, a folder.
func isOrLiesIn(inner, outer string) bool {
	for at := inner; ; at = filepath.Dir(at) {
		if at == outer || sameFolder(at, outer) {
			return true
		}
		if at == filepath.Dir(at) {
			return false
		}
	}
}

func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
