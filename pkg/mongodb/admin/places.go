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

// On is where a place is, for a person; empty where there is only one.
func (p Place) On() string {
	if p.Name == "" {
		return ""
	}
	return " on " + p.Name
}

// Do gives what reads the collections in a place to do. Away is why a member cannot be worked with just now, which is
// no reason to leave out the others; any other error comes back.
func (p Place) Do(ctx context.Context, r *mongodb.Reader, do func(*mongodb.Reader) error) (away string, err error) {
	if p.Member == "" {
		return "", do(r)
	}
	if err = p.onMember(ctx, r, do); err == nil || ctx.Err() != nil {
		return "", err
	}
	if connection.IsUnreachable(err) || connection.IsAuthentication(err) {
		return err.Error(), nil
	}
	return "", err
}

func (p Place) onMember(ctx context.Context, r *mongodb.Reader, do func(*mongodb.Reader) error) error {
	at, closing, err := r.At(ctx, p.Member)
	if err != nil {
		return err
	}
	defer closing(context.WithoutCancel(ctx))
	return do(at)
}
