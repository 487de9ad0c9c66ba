package roots

import (
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
type rule struct{ from, to string }

type place struct {
	path string
	at   int // in the list of roots
}

// NewMap is the Map of path maps, each "from=to", and roots, each an absolute path. Where several apply, the longest does.
func NewMap(pathMaps, roots []string) Map {
	var m Map
	for _, s := range pathMaps {
		from, to, _ := strings.Cut(s, "=")
		m.rules = append(m.rules, rule{from: folder(from), to: folder(to)})
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

// Locate is which root a recorded path belongs to, and where it lies below it. It is not ok where the path lies in no root, is a
// root itself, or is no plain path (with an empty part, "." or ".." in it).
func (m Map) Locate(recorded string) (root int, below string, ok bool) {
	p := slashes(normal(recorded))
	for _, r := range m.rules {
		if rest, ok := cut(p, r.from); ok {
			p = r.to + "/" + rest
			break
		}
	}
	for _, r := range m.roots {
		if rest, ok := cut(p, r.path); ok {
			return r.at, rest, plain(rest)
		}
	}
	return 0, "", false
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
