package roots

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Map finds the root and the place on disk of a recorded path.
type Map struct {
	rules []rule
	roots []place
}

// rule says that what is recorded below from lies below to.
type rule struct {
	from string // in its composed form
	to   string // as it was given
	at   int    // in the list of path maps
}

type place struct {
	path string
	at   int // in the list of roots
}

// NewMap is the Map of path maps, each "from=to", and roots, each an absolute path. Where several apply, the longest
// does.
func NewMap(pathMaps, roots []string) Map {
	var m Map
	for i, s := range pathMaps {
		from, to, _ := strings.Cut(s, "=")
		m.rules = append(m.rules, rule{from: folder(from), to: strings.TrimRight(to, "/"), at: i})
	}
	for i, root := range roots {
		m.roots = append(m.roots, place{path: folder(root), at: i})
	}
	slices.SortStableFunc(m.rules, func(a, b rule) int { return len(b.from) - len(a.from) })
	slices.SortStableFunc(m.roots, func(a, b place) int { return len(b.path) - len(a.path) })
	return m
}

// folder is a folder's path as a prefix: in slashes, without one at its end, so that "/" is empty.
func folder(path string) string { return strings.TrimRight(slashes(normal(path)), "/") }

// slashes is a path with Windows' separators turned, if it is a Windows path: elsewhere a backslash is part of a name.
func slashes(path string) string {
	if len(path) > 2 && path[1] == ':' && path[2] == '\\' {
		return strings.ReplaceAll(path, `\`, "/")
	}
	return path
}

// Location is where a recorded path lies.
type Location struct {
	Root int    // in the list of roots
	Map  int    // in the list of path maps; -1: none applies
	File string // relative to the root, byte for byte as it is recorded
}

// Locate is where a recorded path lies. It is not ok where the path lies in no root, is a root itself, or is no plain
// path (with an empty part, "." or ".." in it). Map is set even then.
func (m Map) Locate(recorded string) (l Location, ok bool) {
	onDisk, pathMap := m.onDisk(recorded)
	l.Map = pathMap
	composed := normal(onDisk)
	for _, r := range m.roots {
		if rest, ok := cut(composed, r.path); ok {
			l.Root, l.File = r.at, tail(onDisk, rest)
			return l, plain(l.File)
		}
	}
	return l, false
}

// OnDisk is the path on disk of a recorded folder; it is no absolute path where the folder belongs to another machine.
func (m Map) OnDisk(recorded string) string {
	if recorded == "" {
		return ""
	}
	onDisk, _ := m.onDisk(strings.TrimRight(recorded, "/"))
	return cmp.Or(onDisk, "/")
}

// Here are, of the roots that a library records, those on disk that exist or that an earlier run knew, since such a one
// is a disk that is not mounted. The others are absent. Known are the remembered roots, by their paths on disk.
func (m Map) Here(recorded []string, known map[string]Known, exists func(folder string) bool) (here, absent []string) {
	for _, p := range recorded {
		onDisk := path.Clean(m.OnDisk(p))
		_, was := known[onDisk]
		switch {
		case !was && (!path.IsAbs(onDisk) || !exists(onDisk)):
			absent = append(absent, p)
		case !slices.Contains(here, onDisk):
			here = append(here, onDisk)
		}
	}
	return here, absent
}

// onDisk is a recorded path with the path map applied that is for it, and which one that is, or -1.
func (m Map) onDisk(recorded string) (path string, pathMap int) {
	recorded = slashes(recorded)
	composed := normal(recorded)
	for _, r := range m.rules {
		if rest, ok := cut(composed, r.from); ok {
			return r.to + "/" + tail(recorded, rest), r.at
		}
		if composed == r.from {
			return r.to, r.at
		}
	}
	return recorded, -1
}

// tail is the end of a path that has as many parts as rest, which is that end in its composed form.
func tail(path, rest string) string {
	if strings.HasSuffix(path, rest) {
		return rest
	}
	at := len(path)
	for range strings.Count(rest, "/") + 1 {
		at = strings.LastIndexByte(path[:max(at, 0)], '/')
	}
	return path[at+1:]
}

// cut is what is left of p below a folder.
func cut(p, folder string) (rest string, ok bool) {
	if len(p) <= len(folder) || p[:len(folder)] != folder || p[len(folder)] != '/' {
		return "", false
	}
	return p[len(folder)+1:], true
}

func plain(rest string) bool {
	return rest != "" && rest != "." && rest != ".." && !strings.HasPrefix(rest, "../") && !strings.HasPrefix(rest, "/") &&
		path.Clean(rest) == rest && !strings.ContainsRune(rest, 0)
}

// Nested are the roots that lie in the root called at, as folders relative to it.
func (m Map) Nested(at int) (folders []string) {
	outer := ""
	for _, r := range m.roots {
		if r.at == at {
			outer = r.path
		}
	}
	for _, r := range m.roots {
		if rest, ok := cut(r.path, outer); ok {
			folders = append(folders, rest)
		}
	}
	return folders
}
