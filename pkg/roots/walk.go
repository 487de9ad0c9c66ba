package roots

import "context"

// Walk is a walk through a root on its way to an Index. Another run can go on from what Take gave, if it gives that to
// Restore.
type Walk struct {
	index   *Index
	pending []string // the folders that are still to be listed, the next one last
	given   given
}

// NewWalk is a walk that has listed nothing yet.
func NewWalk(t Tree) *Walk {
	w := &Walk{index: &Index{tree: t, unknown: map[uint64]struct{}{}}, pending: []string{"."}}
	w.given = w.all() // whoever restores begins with the same
	return w
}

// Run lists all folders that are still to be listed. It calls walked after each, with the number of names in it, and
// ends with its error. Folders that cannot be listed are no error.
func (w *Walk) Run(ctx context.Context, walked func(names int) error) error {
	for len(w.pending) > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		before := len(w.index.names)
		w.step()
		if err := walked(len(w.index.names) - before); err != nil {
			return err
		}
	}
	return nil
}

// step lists the next folder.
func (w *Walk) step() {
	last := len(w.pending) - 1
	folder := w.pending[last]
	w.pending, w.given.same = w.pending[:last], min(w.given.same, last)
	below, err := w.index.walk(folder)
	if err != nil {
		w.index.cannot(folder, err)
	}
	w.pending = append(w.pending, below...)
}

// Index is what the walk found. It ends the walk: nothing can be taken out of it after that.
func (w *Walk) Index() *Index {
	w.index.names, w.index.listed = w.index.names.sorted(), w.index.listed.sorted()
	return w.index
}
