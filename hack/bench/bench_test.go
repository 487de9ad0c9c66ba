package bench_test

import (
	"log/slog"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// subject is a task that reads all files.
type subject struct {
	name string
	held func(*shelf) int // the ids that it must keep in memory
	most int              // the files beyond which FerretDB 1 makes a measurement too long; 0: none
	// ready adds to the library what only this task looks at; nil: nothing is added.
	ready func(*shelf, testing.TB)
	// beside is what the bare loop does beside reading the files; nil: nothing.
	beside func(*shelf, testing.TB, *traffic)
}

// The order matters: what one adds to the library, those after it find there too.
var subjects = []subject{
	{name: jobspec.RebuildAllCounts, held: (*shelf).counted},
	{name: jobspec.RebuildAlbumReferences, held: func(s *shelf) int { return s.members }},
	{name: jobspec.VerifyReferences, held: (*shelf).referred},
	{name: jobspec.CleanupOrphanedRecords, held: (*shelf).referred},
	// It reads in the order of _id, and FerretDB 1 sorts all files for that.
	{name: jobspec.BackgroundCountVerification, held: (*shelf).counted, most: 100_000},
	{
		name: jobspec.CleanupOrphanedFileRecords, held: func(s *shelf) int { return s.files + s.directories }, // names on disk
		ready: (*shelf).putOnDisk, beside: func(s *shelf, tb testing.TB, _ *traffic) { s.bareWalk(tb) },
	},
	{
		// The files that exist, and the vectors of each provider.
		name: jobspec.DatabaseOptimization, held: func(s *shelf) int { return s.files + s.vectors + s.embeddings },
		ready:  (*shelf).optimize,
		beside: func(s *shelf, tb testing.TB, t *traffic) { s.bareScan(tb, t.finds[embeddingRecords]) },
	},
}

// counted are the ids of the documents with counters.
func (s *shelf) counted() int { return tagCount + s.albums + s.directories + s.jobs }

// referred are the ids that something refers to: of the files those that others than the directories refer to.
func (s *shelf) referred() int { return s.counted() + s.members + 4*s.embeddings }

func (x subject) task(tb testing.TB) tasks.Task {
	tb.Helper()
	for _, t := range all.Tasks() {
		if t.Name == x.name {
			return t
		}
	}
	tb.Fatalf("there is no task %s", x.name)
	return tasks.Task{}
}

// run is a run that fails the test where there was anything to do.
func (s *shelf) run(tb testing.TB, w *mongodb.Writer, task tasks.Task) {
	tb.Helper()
	s.isClean(tb, s.runDirty(tb, w, task))
}

// runDirty does what the runner does, and returns what was planned.
func (s *shelf) runDirty(tb testing.TB, w *mongodb.Writer, task tasks.Task) report.Counts {
	tb.Helper()
	began := time.Now()
	env := tasks.Env{
		Options: s.options, Library: s.library, DB: w.Reader, Checkpoints: stores.Checkpoints(w), Now: librarytest.DefaultNow,
		Elapsed: func() time.Duration { return time.Since(began) }, RunID: "run", Log: slog.New(slog.DiscardHandler),
	}
	plan, err := task.Prepare(tb.Context(), env)
	if err != nil || plan.Verdict != nil {
		tb.Fatal(err, plan.Verdict)
	}
	if plan.Execute != nil {
		if _, err := plan.Execute(tb.Context(), w); err != nil {
			tb.Fatal(err)
		}
	}
	return plan.Counts
}

// isClean fails the test where a count is neither how much was read nor 0.
func (s *shelf) isClean(tb testing.TB, counts report.Counts) {
	tb.Helper()
	read := map[string]int64{
		"filesScanned": int64(s.files), "filesChecked": int64(s.files), "albumsProcessed": int64(s.albums),
		"coveragePercent": 100,
	}
	for key, n := range counts {
		if n != read[key] {
			tb.Fatalf("%s is %d in a clean library", key, n)
		}
	}
}

// observed is what one run showed.
type observed struct {
	*traffic
	heap uint64
}

// observe runs a task once and fails the test where it sent too many commands or took too much memory.
func (s *shelf) observe(tb testing.TB, x subject) observed {
	tb.Helper()
	seen := observed{traffic: newTraffic()}
	if x.ready != nil {
		x.ready(s, tb)
	}
	w := mongotest.Writer(tb, s.Connect(tb, seen.see))
	task := x.task(tb)
	seen.heap = heapPeak(func() { s.run(tb, w, task) })
	s.isOneScan(tb, seen.traffic)
	isBounded(tb, seen.heap, x.held(s))
	tb.Logf("%d files, %d ids held: %d commands, heap at most %.1f MiB", s.files, x.held(s), seen.total, mib(seen.heap))
	return seen
}

func isBounded(tb testing.TB, heap uint64, held int) {
	tb.Helper()
	if most := uint64(64<<20 + 24*held); heap > most {
		tb.Errorf("the heap grew by %.1f MiB; %.1f may be, with %d ids", mib(heap), mib(most), held)
	}
}

func mib(bytes uint64) float64 { return float64(bytes) / (1 << 20) }

// Seen to fail when the total for the progress was asked for by count, which FerretDB 1 answers by reading all files,
// and when rebuild-album-references looked each file up by its _id; and, with 400,000 files, when verify-references
// kept what it had read.
func TestARunReadsTheFilesOnceAndKeepsOnlyIDs(t *testing.T) {
	s := fill(t, fileCount(t))
	for _, x := range subjects {
		t.Run(x.name, func(t *testing.T) {
			if x.most > 0 && s.files > x.most {
				t.Skipf("more than %d files take FerretDB 1 too long", x.most)
			}
			s.observe(t, x)
		})
	}
}

// enoughFiles is how many files a scan must have for its time to say something on a machine that does other work too.
const enoughFiles = 100_000

// BenchmarkCleanLibrary compares runs over a clean library with bare loops: the same finds, of whose answers nothing is
// done, and the same folders listed. The two take turns, and which is first alternates.
func BenchmarkCleanLibrary(b *testing.B) {
	s := fill(b, fileCount(b))
	for _, x := range subjects {
		b.Run(x.name, func(b *testing.B) {
			if x.most > 0 && s.files > x.most {
				b.Skipf("more than %d files take FerretDB 1 too long", x.most)
			}
			seen := s.observe(b, x)
			w, task := s.Writer(b), x.task(b)
			var wall, cpu []float64
			for i := 0; b.Loop(); i++ {
				var run, bare cost
				turns := []func(){
					func() { run = costOf(b, func() { s.run(b, w, task) }) },
					func() { bare = costOf(b, func() { s.bareLoop(b, x, seen.traffic) }) },
				}
				turns[i%2]()
				turns[1-i%2]()
				wall = append(wall, run.wall.Seconds()/bare.wall.Seconds())
				cpu = append(cpu, run.cpu.Seconds()/bare.cpu.Seconds())
			}
			s.report(b, seen, median(wall), median(cpu))
		})
	}
}

func (s *shelf) report(b *testing.B, seen observed, wall, cpu float64) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // a time of this machine says nothing
	b.ReportMetric(wall, "×time")
	b.ReportMetric(cpu, "×cpu")
	b.ReportMetric(mib(seen.heap), "MiB-heap")
	b.ReportMetric(float64(seen.total), "commands")
	if s.files >= enoughFiles && wall > 1.25 {
		b.Errorf("a run takes %.2f times a bare loop; 1.25 may be", wall)
	}
}
