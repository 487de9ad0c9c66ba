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
var systemTrees = []string{"/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys", "/usr"}

// sharedFolders hold things of many owners: a folder below one may be worked on, the folder itself may not.
var sharedFolders = []string{
	"/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/Users",
	"/var", "/var/cache", "/var/home", "/var/lib", "/var/log", "/var/run", "/var/spool", "/var/tmp",
}

// checkFolder refuses a folder, given by its real path, that is unsafe.
func checkFolder(folder string, libraries []string) error {
	why := systemFolder(folder)
	if why == "" && isHome(folder, homes()) {
		why = "is a home directory"
	}
	if why == "" {
		why = touchesLibrary(folder, libraries)
	}
	if why != "" {
		return &UnsafeFolderError{Folder: folder, Why: why}
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

// isHome tells whether a folder is somebody's home directory, by custom or by the list of users.
func isHome(folder string, known []string) bool {
	parent := filepath.Dir(folder)
	return parent == "/home" || parent == "/Users" || parent == "/var/home" || slices.Contains(known, folder)
}

// homes are the home directories of the users of this machine; none where there is no list, as in most containers.
func homes() (list []string) {
	f, err := os.Open("/etc/passwd")
	if err != nil {
		return nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Split(lines.Text(), ":"); len(fields) == 7 {
			list = append(list, fields[5])
		}
	}
	return list
}

// touchesLibrary says whether a folder is, holds or lies in a folder that holds library files. It compares what the names
// lead to, not the names.
func touchesLibrary(folder string, libraries []string) string {
	for _, library := range libraries {
		real, err := filepath.EvalSymlinks(library)
		if err != nil {
			real = filepath.Clean(library) // it is not mounted now, and is no less a library
		}
		switch {
		case isOrLiesIn(folder, real):
			return "is, or lies in, the library " + library
		case isOrLiesIn(real, folder):
			return "holds the library " + library
		}
	}
	return ""
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
