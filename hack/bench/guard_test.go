package bench_test

import (
	"runtime"
	"testing"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// costs are what a run takes that does not depend on the machine.
type costs struct{ allocations, bytes, commands float64 }

// most is what a file may cost a task, with its share of the other collections: 1.08 documents. Seen to fail, with 1.1
// allocations, where the driver's cursor read all batches. Commands are those for 1,000 files.
var most = map[string]costs{
	jobspec.RebuildAllCounts:       {allocations: 0.1, bytes: 250, commands: 0.5},
	jobspec.VerifyReferences:       {allocations: 0.1, bytes: 300, commands: 0.5},
	jobspec.CleanupOrphanedRecords: {allocations: 0.1, bytes: 300, commands: 0.5},
}

// A run over a small library and one over a large one differ by what the files cost; what a run costs anyway is the
// same. The server is in the same process, and costs nothing for a document.
func TestWhatAFileCosts(t *testing.T) {
	// In both, every collection is larger than the sample that verify-references looks at, and is read as one range.
	const small, large = 40_000, 49_000
	few, many := plan(t, small), plan(t, large)
	for _, s := range []*shelf{few, many} {
		s.connectTo(t, s.replayOn(t, strictmongo.Options{Form: strictmongo.ReplicaSet}))
	}
	for _, x := range subjects {
		bound, guarded := most[x.name]
		if !guarded {
			continue
		}
		a, b := few.costsOf(t, x), many.costsOf(t, x)
		const files = large - small
		got := costs{(b.allocations - a.allocations) / files, (b.bytes - a.bytes) / files,
			1000 * (b.commands - a.commands) / files}
		if got.allocations > bound.allocations || got.bytes > bound.bytes || got.commands > bound.commands {
			t.Errorf("a file costs %s %+v; %+v may be", x.name, got, bound)
		}
		t.Logf("a file costs %s %+v", x.name, got)
	}
}

// costsOf is what a run takes, the second one: the first has the server prepare the documents.
func (s *shelf) costsOf(t *testing.T, x subject) costs {
	t.Helper()
	seen, task := newTraffic(), x.task(t)
	w := mongotest.Writer(t, s.Connect(t, seen.see))
	s.run(t, w, task)
	seen.total = 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.run(t, w, task)
	runtime.ReadMemStats(&after)
	return costs{float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc),
		float64(seen.total)}
}
