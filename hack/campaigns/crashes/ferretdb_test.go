package crashes

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// The libraries and tasks of some seeds on a real server, in real time: a run is killed at commands that the seed
// chooses, its next pod goes on, and the end is that of an undisturbed run. FERRETDB_SEEDS is how many there are.
func TestOnFerretDBARunThatIsKilledEndsLikeAnyOther(t *testing.T) {
	for n := range tooltest.Number(t, "FERRETDB_SEEDS", 4) {
		seed := int64(n)
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			undisturbed := newReal(t, seed)
			if r := undisturbed.run(0); !isWell(r) {
				t.Skipf("%s/%s: %s", r.Outcome, r.Reason, r.Message)
			}
			want, random := undisturbed.state(), rand.New(rand.NewPCG(uint64(seed), 7))
			for range 2 {
				at := 1 + random.IntN(undisturbed.sent)
				killed := newReal(t, seed)
				killed.run(at)
				if r := killed.run(0); !isWell(r) {
					t.Errorf("killed at command %d: the run after that is %s/%s: %s", at, r.Outcome, r.Reason, r.Message)
				}
				if got := killed.state(); !same(got, want) {
					t.Errorf("killed at command %d of %d: the end is another:\n%s", at, undisturbed.sent, difference(want, got))
				}
			}
		})
	}
}

// real is a library of a seed on a real server.
type real struct {
	t      *testing.T
	server mongotest.Server
	layout librarytest.Layout
	task   string
	sent   int
}

func newReal(t *testing.T, seed int64) *real {
	t.Helper()
	tasks := []string{jobspec.CleanupOrphanedRecords, jobspec.RebuildAllCounts, jobspec.RebuildAlbumReferences,
		jobspec.CleanupOldRecords}
	r := &real{t: t, server: mongotest.New(t), layout: taskstest.Layouts[seed/int64(len(tasks))%2],
		task: tasks[seed%int64(len(tasks))]}
	if err := r.layout.Generate(seed+1, librarytest.Tiny).Insert(t.Context(), r.server.DB); err != nil {
		t.Fatal(err)
	}
	return r
}

// run does the task, and kills the run at a command: 0: at none.
func (r *real) run(at int) report.Result {
	ctx, kill := context.WithCancelCause(r.t.Context())
	defer kill(nil)
	var mu sync.Mutex
	var conns []net.Conn
	dead, n := false, 0
	o := jobspec.Defaults()
	o.Task, o.RunID, o.MongoDBURI, o.Database = r.task, runName, r.server.URI, r.server.Name
	o.MaxDeletes, o.MaxDeletePercent = 1_000_000, 100
	result := runner.Run(ctx, o, runner.World{
		Tasks: all.Tasks(), Library: taskstest.Declaration(r.t, r.layout), Log: slog.New(slog.DiscardHandler), Now: time.Now,
		ServerTime: func(context.Context, *mongodb.Reader) (time.Time, error) { return librarytest.DefaultNow, nil },
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			if dead {
				return nil, errKilled
			}
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			if err == nil {
				conns = append(conns, c)
			}
			return c, err
		},
		Monitor: func(connection.Command) {
			mu.Lock()
			defer mu.Unlock()
			if n++; n != at {
				return
			}
			dead = true
			kill(errKilled)
			for _, c := range conns {
				_ = c.Close()
			}
		},
	})
	r.sent = n
	return result
}

func (r *real) state() state {
	r.t.Helper()
	docs, err := r.layout.Read(r.t.Context(), r.server.DB)
	if err != nil {
		r.t.Fatal(err)
	}
	all := state{}
	for c, list := range docs {
		for _, doc := range list {
			all[key(c, doc)] = string(doc)
		}
	}
	return all
}
