package cachecleanup

import (
	"math"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/files"
)

// file is one file of one cache folder, as it was seen.
type file struct {
	files.Entry
	root *files.Root
}

// name is the file's whole path.
func (f file) name() string { return f.root.Path() + "/" + f.Path }

// used is when the file was last used.
func (f file) used() time.Time {
	if f.Accessed.After(f.Modified) {
		return f.Accessed
	}
	return f.Modified
}

// order is a number that is the smaller the longer ago the file was used.
func (f file) order() uint64 { return orderOf(f.used()) }

// orderOf turns a time into a number of the same order. Times that do not fit into 64 bits of nanoseconds, before 1678
// and after 2262, are the first and the last.
func orderOf(t time.Time) uint64 {
	const signBit, first, end = 1 << 63, -9183024000, 9214646400 // the years 1679 and 2262, in Unix seconds
	switch second := t.Unix(); {
	case second < first:
		return 0
	case second >= end:
		return math.MaxUint64
	}
	return uint64(t.UnixNano()) ^ signBit
}

// rule says which files go.
type rule struct {
	began  time.Time // a file that was changed later is left alone
	oldest uint64    // files of a smaller order are past their age
	edge   edge
}

// edge is the last of the files that go for the sake of the size.
type edge struct {
	any        bool
	order, tie uint64
}

// free tells whether the rule may judge the file at all.
func (r rule) free(f file) bool { return !f.Changed.After(r.began) && !isSign(f.Entry) }

// signFolders are other programs' folders at the top of a folder: Syncthing's marker, which holds a file, and the old
// versions that it keeps. https://docs.syncthing.net/users/faq.html, https://docs.syncthing.net/users/versioning.html
var signFolders = []string{".stfolder", ".stversions"}

// isSign tells whether a file is another program's sign that marks the cache folder, at its top: a small hidden file,
// such as .immich or .nomedia, CACHEDIR.TAG, or whatever is in one of the signFolders. Without its sign, that program
// refuses to start or takes the folder for something else.
func isSign(e files.Entry) bool {
	top, _, inFolder := strings.Cut(e.Path, "/")
	if inFolder {
		return slices.Contains(signFolders, top)
	}
	hidden := strings.HasPrefix(top, ".") && e.Size <= 1024
	return hidden || top == "CACHEDIR.TAG"
}

// aged tells whether the file goes because of its age.
func (r rule) aged(f file) bool { return r.free(f) && f.order() < r.oldest }

// goes tells whether the file is to be deleted.
func (r rule) goes(f file) bool {
	return r.aged(f) || r.free(f) && r.edge.reaches(f.order(), func() uint64 { return f.fingerprint().tie() })
}

// reaches tells whether a file goes for the sake of the size. Its tie, which takes a while to find out, is asked for
// only where the order does not tell.
func (e edge) reaches(order uint64, tie func() uint64) bool {
	return e.any && (order < e.order || order == e.order && tie() <= e.tie)
}
