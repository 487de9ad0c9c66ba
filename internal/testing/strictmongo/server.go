package strictmongo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Options say what server it is. The zero Options are a standalone MongoDB 7 without any weakness.
type Options struct {
	Form Form
	// Version is what buildInfo says; empty: that of the form.
	Version string
	// Members makes it so many members of one replica set, each at an address of its own, with the same documents. The
	// first is the primary, to which the URI leads. 0 is one.
	Members int
	// Secondary makes it a member of a replica set that takes no writes.
	Secondary bool
	// RequireAPIVersion has commands without an API version refused, and those outside of version 1, as apiStrict does.
	// https://www.mongodb.com/docs/manual/reference/stable-api/
	RequireAPIVersion bool
	// WireVersion is the newest protocol that it speaks; 0: that of the form.
	WireVersion int32
	// NoMajority makes it a replica set of which no majority ever confirms a write: one with wtimeout or maxTimeMS is
	// answered at once as if that time had passed, one without waits until the client goes.
	// https://www.mongodb.com/docs/manual/reference/write-concern/
	NoMajority bool

	// Latency is how long each command takes besides the work, and DocumentsPerSecond how fast a cursor gives documents;
	// 0: as fast as it can. They make it the replay server of the benchmarks.
	Latency            time.Duration
	DocumentsPerSecond int

	// EstimateTimes makes the size of a collection, as it is estimated, so many times what it is; 0: right. After an
	// unclean shutdown it may be wrong. https://www.mongodb.com/docs/manual/reference/command/count/
	EstimateTimes int

	// Ahead is how far its clock is ahead of the one of this machine.
	Ahead time.Duration
}

// Server is a server under way.
type Server struct {
	// URI leads to it, with every right and without a database.
	URI string

	o         Options
	mu        sync.Mutex // guards all below
	databases map[string]map[string]*collection
	cursors   map[int64]*cursor
	lastID    int64
	counted   map[string]int64 // commands by name
	watch     func(Command) *Fault
	late      []late
	failing   *failPoint       // nil: none
	members   []string         // the addresses of the members
	primary   int              // of the members
	free      map[string]int64 // bytes that compact returns, by address and namespace
	listeners []net.Listener
	conns     map[net.Conn]bool
	closed    chan struct{}
	hurried   chan struct{}
}

// Hurry ends what Latency and DocumentsPerSecond make the server wait for. It is called once.
func (s *Server) Hurry() { close(s.hurried) }

// Start begins a server that ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := New(t, o)
	s.URI = s.URIOf(t, nil)
	for len(s.members) < o.Members {
		s.listen(t, nil)
	}
	return s
}

// New is Start of a server to which only Dial leads. Nothing in it waits for the world, so that it can be in a bubble
// of testing/synctest.
func New(t testing.TB, o Options) *Server {
	s := &Server{
		o: o, databases: map[string]map[string]*collection{}, cursors: map[int64]*cursor{}, counted: map[string]int64{},
		conns: map[net.Conn]bool{}, closed: make(chan struct{}), hurried: make(chan struct{}), free: map[string]int64{},
	}
	t.Cleanup(s.close)
	return s
}

// URIOf is another way to the server, for a user who has these privileges only; nil are all.
func (s *Server) URIOf(t testing.TB, privileges []Privilege) string {
	t.Helper()
	uri := fmt.Sprintf("mongodb://%s/", s.listen(t, privileges))
	if s.o.Secondary {
		uri += "?directConnection=true"
	}
	return uri
}

// listen makes another address, which is a member's while members are missing.
func (s *Server) listen(t testing.TB, privileges []Privilege) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	address = listener.Addr().String()
	s.mu.Lock()
	s.listeners = append(s.listeners, listener)
	if len(s.members) < s.o.Members {
		s.members = append(s.members, address)
	}
	s.mu.Unlock()
	go s.accept(listener, privileges)
	return address
}

// Dial is a way to the server without a network, whatever the address, on which a test can wait in a
// bubble of testing/synctest.
func (s *Server) Dial(_ context.Context, _, address string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	if !s.keep(ours) {
		return nil, net.ErrClosed
	}
	go s.serve(ours, &client{address: address, gone: make(chan struct{})})
	return theirs, nil
}

func (s *Server) accept(listener net.Listener, privileges []Privilege) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if !s.keep(conn) {
			return
		}
		go s.serve(conn, &client{address: listener.Addr().String(), privileges: privileges, gone: make(chan struct{})})
	}
}

func (s *Server) keep(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		conn.Close()
		return false
	default:
	}
	s.conns[conn] = true
	return true
}

func (s *Server) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.closed)
	for _, l := range s.listeners {
		l.Close()
	}
	for conn := range s.conns {
		conn.Close()
	}
}

// CreateCollection makes a collection with what a create command of a test cannot say shortly.
func (s *Server) CreateCollection(t testing.TB, database, name string, o CollectionOptions) {
	t.Helper()
	c, err := newCollection(o)
	if err != nil {
		t.Fatalf("create %s: %v", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.collection(database, name) != nil {
		t.Fatalf("create %s: it is there", name)
	}
	s.databases[database][name] = c
}

// Validate gives a collection that is there a validator, which documents are judged by from now on.
func (s *Server) Validate(t testing.TB, database, name string, filter bson.D) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.collection(database, name)
	if c == nil {
		t.Fatalf("there is no collection %s", name)
	}
	filtered, err := bson.Marshal(filter)
	if err == nil {
		c.validator, err = parser{c.collation}.filter(filtered)
	}
	if err != nil {
		t.Fatalf("the validator of %s: %v", name, err)
	}
}

// collection is one that is there, or nil; the database is made.
func (s *Server) collection(database, name string) *collection {
	if s.databases[database] == nil {
		s.databases[database] = map[string]*collection{}
	}
	return s.databases[database][name]
}

// chance is the same in each run of a test.
func (s *Server) chance() *rand.Rand { return rand.New(rand.NewPCG(1, uint64(s.lastID))) }

// source is what reading a name reads: a view's collection.
func (s *Server) source(database, name string) *collection {
	c := s.collection(database, name)
	for c != nil && c.options.ViewOn != "" {
		c = s.collection(database, c.options.ViewOn)
	}
	return c
}

// collections are the names of a database's collections, sorted.
func (s *Server) collections(database string) (names []string) {
	for name := range s.databases[database] {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
