// Package roots decides whether a recorded file is truly gone from disk: which library root it belongs to, whether
// that root is the one that it was, and whether a complete listing of the file's folder lacks it.
//
// It takes a file for Missing only where two proofs agree. Every folder from the root to the file, or to the first
// folder that is gone, was listed completely and lacks it; and the disk, asked for the very name that is recorded,
// finds nothing. Whatever else happened, an unreadable folder, an error of the disk, a listing that broke off, a
// symbolic link or a mount point on the way, is Unknown. So is a recorded name that cannot be the one on disk, since
// it was not UTF-8 there.
//
// Its input is a Disk, so that it needs none. It knows no database: what is remembered of a root from run to run is a
// Known, whose store is in pkg/mongodb/stores, and a Listing saves its place in the checkpoint.Store that it is given.
package roots

import (
	"slices"
	"strings"
)

// Disk is one library root on disk; files.Library is one. Names are relative to the root, which is ".". A walk that
// lists several folders at once calls it from several goroutines.
type Disk interface {
	// List gives every name in a folder. Only where there is no error was the listing complete; what it gave until
	// then is there nevertheless.
	List(folder string, each func(name string, folder bool)) error
	// Exists tells whether the disk finds something by exactly this name.
	Exists(name string) (bool, error)
}

// Verdict is what is known of a file. The order matters: of two verdicts on one path the greater holds.
type Verdict int

// The verdicts. The zero Verdict is Unknown, so that what nobody judged is never Missing.
const (
	Missing Verdict = iota - 1 // complete listings lack it, and the disk does not find it
	Unknown                    // a folder on the way could not be listed, or the name cannot be looked for
	Alive                      // something has its name
)

func (v Verdict) String() string {
	return [...]string{"missing", "unknown", "alive"}[v-Missing]
}

// tries is how often a folder is listed that cannot be listed completely, since it may have changed at that moment.
const tries = 3

// Tree is one library root as the verdicts see it.
type Tree struct {
	Disk
	Form
	// Mounts are folders that were mount points once. What is recorded below one is Unknown, whether it is a plain
	// folder now or gone: its disk is not mounted, and some systems remove the folder then.
	Mounts []string
	// Elsewhere are folders that are roots of their own. They are not listed, since no file in them is judged here.
	Elsewhere []string
	// AtOnce is how many folders a walk lists at once; 0 stands for 1.
	AtOnce int
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

// elsewhere is the root of its own that a file lies in by its name; empty: none.
func (t Tree) elsewhere(file string) string { return Innermost(file, t.Elsewhere) }

// mountOf is the former mount point that a file lies below by its name; empty: none.
func (t Tree) mountOf(file string) string { return Innermost(file, t.Mounts) }

// Innermost is the longest of some folders that a file lies in, or empty, whatever the case of its name: not every
// file system that folds case is known to.
func Innermost(file string, folders []string) string {
	if len(folders) == 0 {
		return ""
	}
	any := Form{FoldsCase: true}
	file = any.of(file)
	longest := ""
	for _, folder := range folders {
		if _, ok := cut(file, any.of(folder)); ok && len(folder) > len(longest) {
			longest = folder
		}
	}
	return longest
}

// ask is the verdict on a file that complete listings lack: what the disk says of the very name that is recorded.
func (t Tree) ask(file string) Verdict {
	if Garbled(file) {
		return Unknown
	}
	switch found, err := t.Exists(file); {
	case err != nil:
		return Unknown
	case found:
		return Alive
	}
	return Missing
}

// Garbled tells whether a recorded name has U+FFFD in it. That stands for bytes that were no UTF-8, so that the name
// on disk is another, which nobody knows.
func Garbled(file string) bool { return strings.Contains(file, "\ufffd") }
