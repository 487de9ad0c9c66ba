package cachecleanup

import (
	"context"

	"ucorefs.io/maintenance/pkg/files"
)

// folders are the open cache folders, none of which lies in another.
type folders []*files.Root

func (f folders) close() {
	for _, root := range f {
		_ = root.Close() // it was only read through
	}
}

// covering is another folder that holds the i-th; of two that are the same it is the first.
func (f folders) covering(i int) *files.Root {
	for j, other := range f {
		if j != i && other.Covers(f[i]) && (j < i || !f[i].Covers(other)) {
			return other
		}
	}
	return nil
}

// walk visits every file of every folder.
func (f folders) walk(ctx context.Context, visit func(file) error) (all files.Skipped, err error) {
	for _, root := range f {
		skipped, err := root.Walk(ctx, files.Visit{File: func(e files.Entry) error { return visit(file{e, root}) }})
		if err != nil {
			return all, err
		}
		all = all.Plus(skipped)
	}
	return all, nil
}
