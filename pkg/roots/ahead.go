package roots

import (
	"path"
	"slices"
	"sync"
)

// toList is a folder that is still to be listed.
type toList struct {
	folder string
	ahead  *listing // nil where nobody has begun, nor is to begin
}

// listing is a folder that is listed before the walk comes to it.
type listing struct {
	folder      string
	begun, done bool   // guarded by ahead.mu; what follows may be read once it is done
	names       hashes // whatever became of it
	below       []toList
	err         error
}

// aheadOfEach is how many listings the walk may have before it for each that is made at once. It bounds the memory of
// those that are done.
const aheadOfEach = 4

// ahead lists the folders that a walk comes to next, several at once. The walk takes them in its own order, so that it
// finds the same, and can be taken up again at the same places, as one that lists each folder when it comes to it.
type ahead struct {
	tree Tree
	room int // listings that may be ahead of the walk

	mu      sync.Mutex
	work    sync.Cond  // there is something to do, or the end
	made    sync.Cond  // a listing is done
	todo    []*listing // the walk needs the last one first
	held    int        // listings that the walk did not come to yet
	ended   bool
	workers sync.WaitGroup
}

// newAhead starts what lists. The walk itself lists as well, so that with one at once nothing is started.
func newAhead(t Tree) *ahead {
	more := max(t.AtOnce-1, 0)
	a := &ahead{tree: t, room: aheadOfEach * more}
	a.work.L, a.made.L = &a.mu, &a.mu
	for range more {
		a.workers.Go(a.run)
	}
	return a
}

// end returns once nothing is listed any more.
func (a *ahead) end() {
	a.mu.Lock()
	a.ended = true
	a.work.Broadcast()
	a.mu.Unlock()
	a.workers.Wait()
}

func (a *ahead) run() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for !a.ended {
		if l := a.next(); l != nil {
			a.list(l)
		} else {
			a.work.Wait()
		}
	}
}

// next takes the listing that the walk needs first of those that nobody has begun. It is nil where there is none. a.mu
// is held.
func (a *ahead) next() *listing {
	for len(a.todo) > 0 {
		last := len(a.todo) - 1
		l := a.todo[last]
		a.todo = a.todo[:last]
		if !l.begun { // else the walk came to it first
			return l
		}
	}
	return nil
}

// list makes a listing. a.mu is held, but for the time of the listing.
func (a *ahead) list(l *listing) {
	l.begun = true
	a.mu.Unlock()
	l.names, l.below, l.err = a.tree.names(l.folder)
	a.mu.Lock()
	l.done = true
	a.begin(l.below)
	a.made.Signal()
}

// begin has as many folders listed ahead as there is room for, from the last on. a.mu is held.
func (a *ahead) begin(folders []toList) {
	before := len(a.todo)
	for i := len(folders) - 1; i >= 0 && a.held < a.room; i-- {
		if folders[i].ahead == nil {
			folders[i].ahead = &listing{folder: folders[i].folder}
			a.todo = append(a.todo, folders[i].ahead)
			a.held++
			a.work.Signal()
		}
	}
	slices.Reverse(a.todo[before:])
}

// take is the listing of the last folder. Those before it may be listed meanwhile, by the walk as well while it waits:
// it is one of those that list at once.
func (a *ahead) take(folders []toList) *listing {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := folders[len(folders)-1]
	l := last.ahead
	if l == nil {
		l = &listing{folder: last.folder}
		a.held++
	}
	a.begin(folders[:len(folders)-1])
	if !l.begun {
		a.list(l)
	}
	for !l.done {
		if other := a.next(); other != nil {
			a.list(other)
		} else {
			a.made.Wait()
		}
	}
	a.held--
	return l
}

// names lists a folder: the hashes of all that is in it, and the folders in it, sorted. Where there is an error, the
// hashes are of what was seen until then.
func (t Tree) names(folder string) (names hashes, below []toList, err error) {
	var folders []string
	in := t.hashOf(folder)
	err = t.list(folder, func(name string, isFolder bool) {
		names = append(names, in.below(t.of(name)))
		if isFolder {
			folders = append(folders, path.Join(folder, name))
		}
	})
	if err != nil {
		return names, nil, err
	}
	slices.Sort(folders)
	for _, f := range slices.Compact(folders) { // a second try gives names twice
		below = append(below, toList{folder: f})
	}
	return names, below, nil
}
