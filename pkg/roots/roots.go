// Package roots decides whether a recorded file is truly gone from disk: which library root it belongs to, whether that root is
// the one that it was, and whether a complete listing of the file's folder lacks it.
//
// It proves absence by listings alone, never by a failed look at a file. A file is Missing only where every folder from the root
// to the file, or to the first folder that is gone, was listed completely. Whatever else happened, an unreadable folder, an error
// of the disk, a listing that broke off, a symbolic link or a mount point on the way, is Unknown.
//
// Its input is a Lister, so that it needs no disk. It writes nothing and knows no database; what is remembered of a root from
// run to run is a Known, whose store is in pkg/mongodb.
package roots

import "slices"

// Lister lists folders by their name relative to a root, which is "."; files.Library is one. Only where there is no error was
// the listing complete; what it gave until then is there nevertheless.
type Lister interface {
	List(folder string, each func(name string, folder bool)) error
}

// Verdict is what is known of a file. The order matters: of two verdicts on one path the greater holds.
type Verdict int

// The verdicts. The zero Verdict is Unknown, so that what nobody judged is never Missing.
const (
	Missing Verdict = iota - 1 // complete listings lack it
	Unknown                    // a folder on the way could not be listed
	Alive                      // something has its name
)

func (v Verdict) String() string {
	return [...]string{"missing", "unknown", "alive"}[v-Missing]
}

// tries is how often a folder is listed that cannot be listed completely, since it may have changed at that moment.
const tries = 3

// Tree is one library root as the verdicts see it.
type Tree struct {
	Lister
	Form
	// Mounts are folders that were mount points once. What is recorded below one is Unknown, whether it is a plain folder now
	// or gone: its disk is not mounted, and some systems remove the folder then.
	Mounts []string
	// Elsewhere are folders that are roots of their own. They are not listed, since no file in them is judged here.
	Elsewhere []string
}

// list lists a folder, again where it did not come out complete. What any try gave reaches each.
func (t Tree) list(folder string, each func(name string, folder bool)) (err error) {
	isIt := func(other string) bool { return t.of(other) == t.of(folder) }
	if slices.ContainsFunc(t.Elsewhere, isIt) {
		return nil
	}
	for range tries {
		if err = t.List(folder, each); err == nil {
			return nil
		}
	}
	return err
}

// mountOf is the former mount point that a path, in form, lies below; empty: none.
func (t Tree) mountOf(file string) string {
	for _, m := range t.Mounts {
		if _, ok := cut(file, t.of(m)); ok {
			return m
		}
	}
	return ""
}
