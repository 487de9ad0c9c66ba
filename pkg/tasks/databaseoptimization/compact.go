package databaseoptimization

import (
	"context"
	"fmt"
	"slices"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
)

// compact goes from place to place, so that no two members of a replica set are busy with it at a time.
func (x *execution) compact(ctx context.Context) error {
	rest := x.plan.compactions
	x.env.Progress.Start("compacting", int64(len(rest)))
	defer x.env.Progress.Done()
	for len(rest) > 0 {
		n := slices.IndexFunc(rest, func(c compaction) bool { return c.place != rest[0].place })
		if n < 0 {
			n = len(rest)
		}
		if err := x.compactIn(ctx, rest[0].place, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// compactIn compacts some collections in one place. A member that cannot be reached, or that has become the primary, is
// named and left alone.
func (x *execution) compactIn(ctx context.Context, p admin.Place, list []compaction) error {
	before, bytes := x.done.Counts["collectionsCompacted"], x.done.Counts["bytesFreed"]
	away, err := p.Do(ctx, x.db.Reader, func(at *mongodb.Reader) error {
		if at.Facts().CompactionHurts() && !x.env.Options.CompactPrimary {
			x.warn("%s was not compacted: it has become the primary", p.Name)
			return nil
		}
		for _, c := range list {
			if err := x.refused.noteAt(p, x.compactOne(ctx, at, c)); err != nil {
				return err
			}
			x.env.Progress.Add(1)
		}
		return nil
	})
	if away != "" {
		x.warn("not everything was compacted on %s: %s", p.Name, away)
	}
	if n := x.done.Counts["collectionsCompacted"] - before; n > 0 && p.Name != "" {
		x.members = append(x.members, fmt.Sprintf("%s: %d collections (%s)", p.Name, n,
			size(x.done.Counts["bytesFreed"]-bytes)))
	}
	return err
}

// compactOne asks once more: what was free may be in use again, or, where collections share one file, compacting
// another has returned it already.
func (x *execution) compactOne(ctx context.Context, at *mongodb.Reader, c compaction) error {
	space, err := admin.MeasureSpace(ctx, at, c.collection, true)
	if err != nil || !x.plan.worthwhile(space) {
		return err
	}
	freed, err := admin.Compact(ctx, x.db, at, c.collection)
	if err != nil {
		return err
	}
	x.done.Counts["collectionsCompacted"]++
	x.done.Counts["bytesFreed"] += freed
	return nil
}

func (x *execution) warn(format string, args ...any) {
	x.done.Warnings = append(x.done.Warnings, fmt.Sprintf(format, args...))
}
