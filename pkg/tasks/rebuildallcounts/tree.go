package rebuildallcounts

import (
	"ucorefs.io/maintenance/pkg/mongodb"
)

// tree is the directories and what lies in them. Real libraries make it no tree: a parent may not exist, and parents may form
// a cycle. Each directory has at most one parent, so what hangs together is a tree, or one cycle with trees on it.
type tree struct {
	index mongodb.IDMap[int32]
	dirs  []directory
}

// directory is one directory: as stored, and what was counted right in it.
type directory struct {
	id, parent mongodb.ID
	stored     [3]mongodb.Value // child_count, file_count, total_size

	children     int64 // files and directories whose parent it is
	files, bytes int64 // right in it, and after fold also of all below
}

func (t *tree) add(id, parent mongodb.ID, stored [3]mongodb.Value) {
	t.index.Put(id, int32(len(t.dirs)))
	t.dirs = append(t.dirs, directory{id: id, parent: parent, stored: stored})
}

func (t *tree) addFile(parent mongodb.ID, bytes int64) {
	if i, ok := t.index.At(parent); ok {
		t.dirs[i].children++
		t.dirs[i].files++
		t.dirs[i].bytes += bytes
	}
}

const none = int32(-1)

// parents is the index of each directory's parent, or none.
func (t *tree) parents() []int32 {
	parents := make([]int32, len(t.dirs))
	for i, d := range t.dirs {
		parents[i] = none
		if p, ok := t.index.At(d.parent); ok && d.parent.Refers() {
			parents[i] = p
		}
	}
	return parents
}

// documents are all directories with what they should count.
func (t *tree) documents() []document {
	t.fold()
	documents := make([]document, len(t.dirs))
	for i, d := range t.dirs {
		documents[i] = document{d.id, []counter{{d.stored[0], d.children}, {d.stored[1], d.files}, {d.stored[2], d.bytes}}}
	}
	return documents
}

// fold adds what lies in each directory to those above it: from the leaves up, then around each cycle.
func (t *tree) fold() {
	parents := t.parents()
	waiting := make([]int32, len(t.dirs)) // children whose sum is not known yet
	for i, p := range parents {
		if p == none {
			continue
		}
		waiting[p]++
		if p != int32(i) {
			t.dirs[p].children++
		}
	}
	var ready []int32
	for i := range t.dirs {
		if waiting[i] == 0 {
			ready = append(ready, int32(i))
		}
	}
	for len(ready) > 0 {
		i := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		p := parents[i]
		if p == none {
			continue
		}
		t.dirs[p].files += t.dirs[i].files
		t.dirs[p].bytes += t.dirs[i].bytes
		if waiting[p]--; waiting[p] == 0 {
			ready = append(ready, p)
		}
	}
	t.foldCycles(parents, waiting)
}

// foldCycles gives every member of a cycle the sum of the cycle. What still waits after the leaves are folded is on one.
func (t *tree) foldCycles(parents, waiting []int32) {
	for start := range t.dirs {
		if waiting[start] <= 0 {
			continue
		}
		var files, bytes int64
		for i := int32(start); waiting[i] > 0; i = parents[i] {
			waiting[i] = 0
			files, bytes = files+t.dirs[i].files, bytes+t.dirs[i].bytes
		}
		t.dirs[start].files, t.dirs[start].bytes = files, bytes
		for i := parents[start]; i != int32(start); i = parents[i] {
			t.dirs[i].files, t.dirs[i].bytes = files, bytes
		}
	}
}

// below are the directories of a set and all that can be reached downwards from them.
func (t *tree) below(tops *mongodb.IDSet) (ids []mongodb.ID) {
	children := make([][]int32, len(t.dirs))
	var next []int32
	for i, p := range t.parents() {
		if p != none {
			children[p] = append(children[p], int32(i))
		}
		if tops.Has(t.dirs[i].id) {
			next = append(next, int32(i))
		}
	}
	seen := make([]bool, len(t.dirs))
	for len(next) > 0 {
		i := next[len(next)-1]
		next = next[:len(next)-1]
		if seen[i] {
			continue
		}
		seen[i] = true
		ids = append(ids, t.dirs[i].id)
		next = append(next, children[i]...)
	}
	return ids
}
