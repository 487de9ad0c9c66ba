package references

import (
	"context"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
)

// Delete deletes documents about which Gather was asked, after what refers to them is changed or deleted; all of it is
// in the journal of the run first. A document is left alone that was written to, or to which something refers that
// cannot be changed now. What was done to the referring documents is added to counts, also on an error.
func (r *Referrers) Delete(
	ctx context.Context, w *mongodb.Writer, run string, documents []mongodb.Deletion, counts report.Counts,
) (deleted, left int64, err error) {
	cleared, err := r.For(mongodb.Targets(documents)).Clear(ctx, w, run, counts)
	switch {
	case err != nil || !cleared && len(documents) <= 1:
		return 0, int64(len(documents)), err
	case cleared:
		return stores.NewJournal(w, run).Delete(ctx, r.collection, documents)
	}
	for one := range slices.Chunk(documents, 1) { // something refers to one of them, and the others need not stay
		gone, stays, err := r.Delete(ctx, w, run, one, counts)
		deleted, left = deleted+gone, left+stays
		if err != nil {
			return deleted, left, err
		}
	}
	return deleted, left, nil
}
