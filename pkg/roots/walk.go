package roots

import "context"

// Walk is a walk through a root on its way to an Index. Another run can go on from what Take gave, if it gives that to
// Restore.
type Walk struct {
	index   *Index
	names   hashes   // of everything that was seen
	listed  hashes   // of the folders that were listed completely
	pending []toList // the next one last
	given   given
}

// NewWalk is a walk that has listed nothing yet.
func NewWalk(t Tree) *Walk {
	w := &Walk{index: &Index{tree: t, unknown: map[uint64]struct{}{}}, pending: []toList{{folder: "."}}}
	w.given = w.all() // whoever restores begins with the same
	return w
}

// Run lists all folders that are still to be listed, in an order that does not depend on how many are listed at once.
// It calls walked after each, with the number of names in it, and ends with its error. Folders that cannot be listed
// are no error.
func (w *Walk) Run(ctx context.Context, walked func(names int) error) error {
	a := newAhead(w.index.tree)
	defer w.end(a)
	for len(w.pending) > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		before := len(w.names)
		w.step(a)
		if err := walked(len(w.names) - before); err != nil {
			return err
		}
	}
	return nil
}

// end forgets what was listed ahead.
func (w *Walk) end(a *ahead) {
	a.end()
	for i := range w.pending {
		w.pending[i].ahead = nil
	}
}

// step takes the listing of the next folder.
func (w *Walk) step(a *ahead) {
	l := a.take(w.pending)
	last := len(w.pending) - 1
	w.pending, w.given.same = w.pending[:last], min(w.given.same, last)
	w.names = append(w.names, l.names...)
	switch {
	case l.err == nil:
		w.listed = append(w.listed, hash(w.index.tree.of(l.folder)))
		w.pending = append(w.pending, l.below...)
	case l.folder == "." || !isNoFolder(l.err):
		w.index.cannot(l.folder, l.err)
	}
}

// Index is what the walk found. It ends the walk: nothing can be taken out of it after that.
func (w *Walk) Index() *Index {
	w.index.listed, w.listed = newSet(w.listed), nil
	w.index.names, w.names = newSet(w.names), nil
	return w.index
}
