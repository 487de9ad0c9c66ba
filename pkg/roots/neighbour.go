package roots

import "strings"

// neighbour is where the records of one folder lie. The records of a folder follow each other, so that most lie where
// the one before lies.
type neighbour struct {
	folder string   // as it is recorded, with the slash behind it; empty: nothing is known
	at     Location // of each record in it, but for File
	before int      // how much of a recorded path is before File
}

// locate is Map.Locate of a record beside the neighbour.
func (n neighbour) locate(recorded string) (l Location, ok bool) {
	folder, name := cutName(recorded)
	if folder == "" || folder != n.folder || !isPlainName(name) {
		return l, false
	}
	l = n.at
	l.File = recorded[n.before:]
	return l, true
}

// neighbourOf is the neighbour of all that is recorded in the folder of a record which lies at l. It knows nothing
// where a path map or a root begins in that folder or below, or where the end of a path on disk is not that of the
// recorded one.
func (m Map) neighbourOf(recorded string, l Location) neighbour {
	folder, _ := cutName(recorded)
	inRoot, _ := cutName(l.File)
	if !strings.HasSuffix(folder, inRoot) || m.beginsIn(folder) {
		return neighbour{}
	}
	return neighbour{folder: strings.Clone(folder), at: Location{Root: l.Root, Map: l.Map},
		before: len(folder) - len(inRoot)}
}

// beginsIn tells whether a path map or a root is what lies in a recorded folder, or lies below it.
func (m Map) beginsIn(folder string) bool {
	recorded := normal(slashes(folder))
	onDisk, _ := m.onDisk(folder)
	onDisk = normal(onDisk)
	for _, r := range m.rules {
		if strings.HasPrefix(r.from, recorded) {
			return true
		}
	}
	for _, r := range m.roots {
		if strings.HasPrefix(r.path, onDisk) {
			return true
		}
	}
	return false
}

// cutName cuts a path behind its last slash.
func cutName(path string) (folder, name string) {
	slash := strings.LastIndexByte(path, '/')
	return path[:slash+1], path[slash+1:]
}

// isPlainName tells whether a name makes a plain path of that of its folder. A backslash may be a separator.
func isPlainName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "\x00\\")
}
