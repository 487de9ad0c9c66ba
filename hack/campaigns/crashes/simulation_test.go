package crashes

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
)

// database is where every library is.
const database = "ucorefs"

// simulation is one library in a simulated database, and the runs on it. It lives in a bubble of testing/synctest, in
// which time passes only while everything waits.
type simulation struct {
	t        *testing.T
	seed     int64
	rand     *rand.Rand
	server   *strictmongo.Server
	library  librarytest.Library
	layout   librarytest.Layout
	scenario scenario
	o        jobspec.Options
	roots    []string      // on disk; none where the task looks at no file
	skew     time.Duration // of the pods' clocks, from the server's
	app      *mongo.Database

	// begin is the moment at which the scenario begins, with all that the application wrote; end is the state in which
	// the undisturbed run left it, and crashes are the moments at which that could have died.
	begin        moment
	origin, end  state
	originDocs   librarytest.Docs
	restorable   state // what a restore may bring back
	originBroken []librarytest.Dangling
	ids          map[string]place
	result       report.Result
	crashes      []moment
	commands     int   // of the undisturbed run
	writes       []int // which of them write
	changes      []int // which of them change or delete documents of the library
	allowed      map[string]map[string]bool
	touched      []string       // the documents that it changes
	others       sync.WaitGroup // runs beside
	failed       bool

	mu        sync.Mutex // guards all below; the commands of a run may come on several connections
	processes map[string]*process
	judge     *judge
	found     figures
}

// figures are what a campaign did.
type figures struct{ points, states, faults int }

func (f *figures) add(o figures) {
	f.points, f.states, f.faults = f.points+o.points, f.states+o.states, f.faults+o.faults
}

// newSimulation is the library of a seed, in which the scenario of the seed is about to begin.
func newSimulation(t *testing.T, seed int64, dir string) *simulation {
	s := &simulation{
		t: t, seed: seed, rand: rand.New(rand.NewPCG(uint64(seed), 7)),
		layout:   taskstest.Layouts[seed/int64(len(scenarios))%2],
		scenario: scenarios[seed%int64(len(scenarios))], processes: map[string]*process{},
	}
	time.Sleep(time.Until(librarytest.DefaultNow))
	s.server = strictmongo.New(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	s.server.Watch(s.see)
	s.connect()
	s.library = s.layout.Generate(seed-seed%25+seed%23, librarytest.Tiny) // never the empty one
	s.must(s.library.Insert(t.Context(), s.app))
	s.o = jobspec.Defaults()
	s.o.Task, s.o.Database = s.scenario.task, database
	s.o.MaxDeletes, s.o.MaxDeletePercent, s.o.GracePeriod = 1_000_000, 100, 0
	if s.scenario.files {
		s.writeFiles(dir)
	}
	return s
}

// connect makes the application's own connection.
func (s *simulation) connect() {
	dial := connection.Dial(s.server.Dial)
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://application:27017/").SetDialer(dial).SetHeartbeatInterval(2 * grace))
	s.must(err)
	s.t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	s.app = client.Database(database)
}

func (s *simulation) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *simulation) writeFiles(dir string) {
	s.must(s.library.WriteFiles(dir))
	for _, r := range s.library.Roots {
		onDisk := filepath.Join(dir, r.Rel)
		s.roots = append(s.roots, onDisk)
		s.o.PathMaps = append(s.o.PathMaps, r.Path+"="+onDisk)
	}
	s.o.LibraryRoots = s.roots
}

// moment is all that outlives a crash.
type moment struct {
	database strictmongo.Snapshot
	markers  map[string][]byte // of the roots that have one
}

func (s *simulation) moment() moment {
	m := moment{s.server.Snapshot(), map[string][]byte{}}
	for _, root := range s.roots {
		if content, err := os.ReadFile(filepath.Join(root, files.Marker)); err == nil {
			m.markers[root] = content
		}
	}
	return m
}

// goTo makes everything as it was at a moment, but for the time, which goes on. A lock that was alive then is so now.
func (s *simulation) goTo(m moment) {
	s.server.Restore(m.database)
	for _, root := range s.roots {
		marker := filepath.Join(root, files.Marker)
		_ = os.Remove(marker)
		if content, marked := m.markers[root]; marked {
			s.must(os.WriteFile(marker, content, 0o644))
		}
	}
}

// state is every document of the library, by its collection and the key of its _id.
type state map[string]string

func (s *simulation) state() state {
	all := state{}
	for _, c := range s.layout.Collections() {
		for _, doc := range s.server.Documents(database, c) {
			all[key(c, doc)] = string(doc)
		}
	}
	return all
}

func key(collection string, doc bson.Raw) string {
	return collection + " " + librarytest.Key(doc.Lookup("_id"))
}

// docs are the documents of the library as the oracles want them.
func (s *simulation) docs() librarytest.Docs {
	docs := librarytest.Docs{}
	for _, c := range s.layout.Collections() {
		if list := s.server.Documents(database, c); len(list) > 0 {
			docs[c] = list
		}
	}
	return docs
}

// outliveLock lets the time pass after which a lock that nobody renews is free.
func outliveLock() { time.Sleep(lock.TTL + time.Second) }
