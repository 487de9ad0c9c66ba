package strictmongo

import (
	"net"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Members are the addresses of the members, the first of which was the primary at first.
func (s *Server) Members() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.members)
}

// Elect makes another member the primary. Connections last, as they do since MongoDB 4.2.
// https://www.mongodb.com/docs/manual/core/replica-set-elections/
func (s *Server) Elect(member int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.primary = member
}

// Stop ends a member, whose address nobody answers any more. The others still name it.
func (s *Server) Stop(t testing.TB, member int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.listeners, func(l net.Listener) bool { return l.Addr().String() == s.members[member] })
	if err := s.listeners[at].Close(); err != nil {
		t.Fatal(err)
	}
}

// SetFree says how many bytes of a collection's files are free on a member, which compact there returns. A standalone
// is the member "".
func (s *Server) SetFree(member, database, collection string, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free[member+namespace(database, collection)] = bytes
}

// freeKey is where the free bytes of the collection of a command are noted.
func (r *request) freeKey() string {
	member := ""
	if len(r.server.members) > 0 {
		member = r.client.address
	}
	return member + namespace(r.db, r.collection)
}

// secondary tells whether the member that was asked takes no writes.
func (r *request) secondary() bool {
	if len(r.server.members) > 0 {
		return r.client.address != r.server.members[r.server.primary]
	}
	return r.server.o.Secondary
}

// set is what a member of a replica set says of itself and the others.
func (r *request) set() bson.D {
	hosts, primary, s := []string{r.client.address}, r.client.address, r.server
	if len(s.members) > 0 {
		hosts, primary = s.members, s.members[s.primary]
	}
	d := bson.D{
		{Key: "setName", Value: "rs0"}, {Key: "setVersion", Value: int32(1)}, {Key: "secondary", Value: r.secondary()},
		{Key: "hosts", Value: hosts}, {Key: "me", Value: r.client.address},
	}
	if !s.o.Secondary {
		d = append(d, bson.E{Key: "primary", Value: primary})
	}
	return d
}
