package references

import (
	"context"
	"slices"

	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/progress"
	"ucorefs.io/maintenance/pkg/sharing"
)

// FindShared is Find by a team, whose leader calls it: each process reads the smaller collections itself, and the
// largest is read by all of them together, unless it refers to itself.
func FindShared(ctx context.Context, db *mongodb.Reader, l library.Library, p *progress.Progress,
	team *sharing.Team) (*Findings, error) {
	s := source{db, l, p}
	order := s.bySize(ctx)
	if len(order) == 0 || s.refersToItself(order[len(order)-1]) {
		return newFinder(s, order).find(ctx, nil)
	}
	shared, err := team.Open(ctx, scanName(l), order[len(order)-1])
	if err != nil {
		return nil, err
	}
	return newFinder(s, last(order, shared.Collection)).find(ctx, shared)
}

// scanName is the name of the shared scan. Processes that know different references, or are of different releases, do
// not share one.
func scanName(l library.Library) string { return "references-" + sharing.Digest("1", l.References) }

// last is an order with one collection moved to the end: a former leader may have found it the largest.
func last(order []string, collection string) []string {
	others := slices.DeleteFunc(slices.Clone(order), func(c string) bool { return c == collection })
	return append(others, collection)
}

// Help helps the leader who calls FindShared.
func Help(ctx context.Context, db *mongodb.Reader, l library.Library, p *progress.Progress,
	team *sharing.Team) (sharing.Helped, error) {
	s := source{db, l, p}
	join := func(ctx context.Context, scan, collection string) (o mongodb.ScanOptions, newPart func() sharing.Part,
		ok bool, err error) {
		if scan != scanName(l) {
			return o, nil, false, nil
		}
		order := last(s.bySize(ctx), collection)
		f := newFinder(s, order)
		for _, c := range order[:len(order)-1] {
			if err := f.read(ctx, c); err != nil {
				return o, nil, false, err
			}
		}
		o = f.scanOptions(collection)
		o.Used = nil // there is no step that shows it
		return o, f.part(collection), true, nil
	}
	return team.Help(ctx, join)
}
