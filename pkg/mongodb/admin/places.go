package admin

import (
	"context"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Place is where compact runs: one member of a replica set, since it is not replicated, or a server that is none.
// https://www.mongodb.com/docs/manual/reference/command/compact/#replica-sets
type Place struct {
	// Member is the host of a member; empty: the server to which the connection leads, which may be the primary.
	Member string
	// Name is what a person calls it; empty: there is only one place.
	Name string
	// Hurts: clients may have to wait meanwhile. It is the primary, or a server that locks all out.
	Hurts bool
}

// Places are where collections can be compacted, one after the other: the secondaries first. Behind a mongos there is
// none.
func Places(ctx context.Context, r *mongodb.Reader) ([]Place, error) {
	if r.Facts().Topology == connection.Sharded {
		return nil, nil
	}
	members, err := r.Members(ctx)
	if err != nil {
		return nil, err
	}
	if len(members) < 2 {
		return []Place{{Hurts: r.Facts().CompactionHurts()}}, nil
	}
	var places []Place
	for _, m := range members {
		place := Place{Member: m.Host, Name: m.Host}
		if m.Primary {
			place = Place{Name: m.Host + " (the primary)", Hurts: true}
		}
		places = append(places, place)
	}
	return places, nil
}

// At gives what reads the collections in a place. Whoever is done closes it.
func (p Place) At(ctx context.Context, r *mongodb.Reader) (at *mongodb.Reader, closing func(context.Context), err error) {
	if p.Member == "" {
		return r, func(context.Context) {}, nil
	}
	return r.At(ctx, p.Member)
}
