package databaseoptimization

import (
	"context"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
	"ucorefs.io/maintenance/pkg/tasks"
)

// placeFacts are what compaction would return in one place.
type placeFacts struct {
	admin.Place
	spaces []space
	away   string // why the member cannot be asked; empty: it was
}

// space is what one collection takes there.
type space struct {
	collection string
	admin.Space
}

// gatherSpace asks each place about each collection.
func (f *facts) gatherSpace(ctx context.Context, env tasks.Env) error {
	places, err := admin.Places(ctx, env.DB)
	if err != nil {
		return err
	}
	for _, place := range places {
		p := placeFacts{Place: place}
		p.away, err = place.Do(ctx, env.DB, func(at *mongodb.Reader) error {
			return f.measure(ctx, at, &p, !place.Hurts || env.Options.CompactPrimary)
		})
		if err != nil {
			return err
		}
		f.places = append(f.places, p)
	}
	return nil
}

func (f *facts) measure(ctx context.Context, at *mongodb.Reader, p *placeFacts, mayCompact bool) error {
	for _, c := range f.collections {
		s, err := admin.MeasureSpace(ctx, at, c.name, mayCompact)
		if err == nil {
			p.spaces = append(p.spaces, space{c.name, s})
		}
		if err := f.refused.noteAt(p.Place, err); err != nil {
			return err
		}
	}
	return nil
}
