package recount

import "ucorefs.io/maintenance/pkg/mongodb"

// Tree is the directories and what lies in them. Real libraries make it no tree: a parent may not exist, and parents may form
// a cycle. Each directory has at most one parent, so what hangs together is a tree, or one cycle with trees on it.
type Tree struct {
	index mongodb.IDMap[int32]
	dirs  []directory
}

type directory struct {
	id, parent mongodb.ID
	Sums
}

// Sums is what a directory holds.
type Sums struct {
	// Directories and Here are the directories and the files whose parent it is.
	Directories, Here int64
	// Files and Bytes are of everything below it.
	Files, Bytes int64
}

// Add puts in a directory. All directories must be in before the first file is added.
func (t *Tree) Add(id, parent mongodb.ID) {
	t.index.Put(id, int32(len(t.dirs)))
	t.dirs = append(t.dirs, directory{id: id, parent: parent})
}

func (t *Tree) addFile(parent mongodb.ID, bytes int64) {
	if i, ok := t.index.At(parent); ok && parent.Refers() {
		t.dirs[i].Here++
		t.dirs[i].Files++
		t.dirs[i].Bytes += bytes
	}
}

func (t *Tree) reset() {
	for i := range t.dirs {
		t.dirs[i].Sums = Sums{}
	}
}

// At is a directory's sums, and whether there is that directory. Files and Bytes hold what is below only after Fold.
func (t *Tree) At(id mongodb.ID) (Sums, bool) {
	i, ok := t.index.At(id)
	if !ok {
		return Sums{}, false
	}
	return t.dirs[i].Sums, true
}

const none = int32(-1)

// parents is the index of each directory's parent, or none.
func (t *Tree) parents() []int32 {
	parents := make([]int32, len(t.dirs))
	for i, d := range t.dirs {
		parents[i] = none
		if p, ok := t.index.At(d.parent); ok && d.parent.Refers() {
			parents[i] = p
		}
	}
	return parents
}

// Fold adds what lies in each directory to those above it: from the leaves up, then around each cycle. It is called once after
// the last file, and once more after each Reset of its Tally.
func (t *Tree) Fold() {
	parents := t.parents()
	waiting := make([]int32, len(t.dirs)) // children whose sum is not known yet
	for i, p := range parents {
		if p == none {
			continue
		}
		waiting[p]++
		if p != int32(i) {
			t.dirs[p].Directories++
		}
	}
	t.foldLeaves(parents, waiting)
	t.foldCycles(parents, waiting)
}

func (t *Tree) foldLeaves(parents, waiting []int32) {
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
		t.dirs[p].Files += t.dirs[i].Files
		t.dirs[p].Bytes += t.dirs[i].Bytes
		if waiting[p]--; waiting[p] == 0 {
			ready = append(ready, p)
		}
	}
}

// foldCycles gives every member of a cycle the sum of the cycle. What still waits after the leaves are folded is on one.
func (t *Tree) foldCycles(parents, waiting []int32) {
	for start := range t.dirs {
		if waiting[start] <= 0 {
			continue
		}
		var files, bytes int64
		for i := int32(start); waiting[i] > 0; i = parents[i] {
			waiting[i] = 0
			files, bytes = files+t.dirs[i].Files, bytes+t.dirs[i].Bytes
		}
		t.dirs[start].Files, t.dirs[start].Bytes = files, bytes
		for i := parents[start]; i != int32(start); i = parents[i] {
			t.dirs[i].Files, t.dirs[i].Bytes = files, bytes
		}
	}
}

// Below are the directories of a set and all that can be reached downwards from them.
func (t *Tree) Below(tops *mongodb.IDSet) (ids []mongodb.ID) {
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
