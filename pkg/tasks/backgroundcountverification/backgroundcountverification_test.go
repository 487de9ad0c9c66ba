package backgroundcountverification_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/backgroundcountverification"
)

// Pages of 20 documents and slices of at most a few documents, so that a tiny library is as much work as a large one.
const (
	page     = 20
	oneSlice = 1 << 20
	fewBytes = 800
)

func TestARoundInOneRunCorrectsWhatDrifted(t *testing.T) {
	taskstest.Seeds(t, 80, func(t *testing.T, l librarytest.Layout, seed int64) {
		roundInOneRun(t, taskstest.New(t, l.Generate(seed, librarytest.Tiny)))
	})
}

func TestAThirdLibraryIsCounted(t *testing.T) {
	for seed := range int64(10) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			roundInOneRun(t, taskstest.New(t, librarytest.Shop.Generate(seed, librarytest.Tiny)))
		})
	}
}

func roundInOneRun(t *testing.T, b *taskstest.Bench) {
	t.Helper()
	task, before := backgroundcountverification.TaskWith(page, oneSlice), b.Read()
	drifted := wrong(b, before)
	plan, done := b.Run(task)
	if plan.Verdict != nil || done.Verdict != nil {
		t.Errorf("the verdict is %+v, %+v", plan.Verdict, done.Verdict)
	}
	files := int64(len(before["file_records"]))
	if drifted > 0 {
		files *= 2
	}
	want := report.Counts{"filesScanned": files, "driftFound": drifted, "driftFixed": drifted, "coveragePercent": 100}
	if diff := cmp.Diff(want, done.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	checkRound(t, b, before)
	b.RunsAgainWithoutAWrite(task)
}

// What the application counted has not drifted.
func TestTheApplicationsOwnRecountIsNoDrift(t *testing.T) {
	b := taskstest.Of(t, librarytest.UCoreFS, librarytest.Fixture(librarytest.DesktopMaintained))
	plan := b.Prepare(backgroundcountverification.TaskWith(page, oneSlice))
	if plan.Counts["driftFound"] != 0 || len(plan.Warnings) > 0 {
		t.Errorf("the plan is %v, %q, %q", plan.Counts, plan.Sample, plan.Warnings)
	}
}

// Seen to fail without the warning.
func TestCountersOfAnEmptyCollectionBecomeZeroWithAWarning(t *testing.T) {
	docs := librarytest.Fixture(librarytest.DesktopMaintained)
	delete(docs, "file_records")
	b := taskstest.Of(t, librarytest.UCoreFS, docs)
	plan, done := b.Run(backgroundcountverification.TaskWith(page, oneSlice))
	const warning = "file_records has no documents, so that 150 counters become 0: check that"
	if len(plan.Warnings) != 1 || !strings.HasPrefix(plan.Warnings[0], warning) || done.Counts["driftFixed"] == 0 {
		t.Errorf("it warns %q, want %q, and counts %v", plan.Warnings, warning, done.Counts)
	}
	if again := b.Prepare(backgroundcountverification.TaskWith(page, oneSlice)); len(again.Warnings) > 0 {
		t.Errorf("counters that are 0 already: %q", again.Warnings)
	}
}

// A clock by which every page costs the whole budget, so that each run reads one page, and slices of a few documents.
func TestEveryCounterIsVerifiedWithinTheStatedRuns(t *testing.T) {
	taskstest.Seeds(t, 15, func(t *testing.T, l librarytest.Layout, seed int64) {
		b := taskstest.New(t, l.Generate(seed, librarytest.Tiny))
		before := b.Read()
		round := runRound(t, b, seed)
		if drifted := wrong(b, before); round.counts["driftFound"] != drifted || round.counts["driftFixed"] != drifted {
			t.Errorf("drift of %d documents was planted; the runs found %v", drifted, round.counts)
		}
		checkRound(t, b, before)
	})
}

// round is what the runs of one round came to.
type round struct {
	runs   int
	counts report.Counts // added up
}

// runRound runs until a round is complete, each with a budget that a page, a stored query or the corrections of one
// collection exhaust.
func runRound(t *testing.T, b *taskstest.Bench, seed int64) round {
	t.Helper()
	bytes := fewBytes
	if seed%2 == 0 {
		bytes = oneSlice
	}
	task := backgroundcountverification.TaskWith(page, bytes)
	pageByPage(b)
	docs, r, coverage := b.Read(), round{counts: report.Counts{}}, int64(0)
	for {
		r.runs++
		_, done := b.Run(task)
		for _, key := range []string{"filesScanned", "driftFound", "driftFixed"} {
			r.counts[key] += done.Counts[key]
		}
		if n := done.Counts["filesScanned"]; n > page {
			t.Errorf("run %d read %d files, more than a page", r.runs, n)
		}
		now := done.Counts["coveragePercent"]
		if now < coverage && bytes == oneSlice {
			t.Errorf("run %d: coverage fell from %d to %d %%", r.runs, coverage, now)
		}
		coverage = now
		if done.Verdict == nil {
			break
		}
		if v := done.Verdict; v.Outcome != report.Paused || now >= 100 {
			t.Fatalf("run %d: %+v with %d %%", r.runs, v, now)
		}
		if most := stated(b, docs, bytes); r.runs > most {
			t.Fatalf("the round is at %d %% after the %d runs that the task promises", now, most)
		}
	}
	return r
}

// stated is how many runs the package comment allows, for a budget that a page, a stored query or the corrections of
// one collection exhaust. Ids of another type begin a page of their own.
func stated(b *taskstest.Bench, docs librarytest.Docs, bytes int) int {
	slices, counters := 1, recount.Of(b.Env.Library)
	if bytes == fewBytes {
		slices = 8
	}
	work := len(docs["albums"])
	for _, s := range counters.Sources {
		work += (len(docs[s.Collection])+page-1)/page + 2
	}
	return slices * (2*(work+1) + len(counters.Collections))
}

func wrong(b *taskstest.Bench, docs librarytest.Docs) (n int64) {
	for _, v := range b.Layout.Check(docs) {
		n += int64(v.Total - v.Right)
	}
	return n
}

// checkRound compares the database with the recount; whatever was right must be as it was.
func checkRound(t *testing.T, b *taskstest.Bench, before librarytest.Docs) {
	t.Helper()
	after := b.Read()
	for _, v := range b.Layout.Check(after) {
		for _, w := range v.Wrong {
			t.Errorf("after the round: %s", w)
		}
	}
	was := map[string]bool{}
	for counter, off := range b.Layout.Drift(before) {
		document := counter[:strings.LastIndex(counter, " ")]
		was[document] = was[document] || off != "0"
	}
	for collection, docs := range before {
		now := librarytest.ByID(after[collection])
		for _, doc := range docs {
			id := librarytest.Key(doc.Lookup("_id"))
			if !was[collection+" "+id] && now[id] != string(doc) {
				t.Errorf("%s %s was right and changed to %s", collection, id, bson.Raw(now[id]))
			}
		}
	}
}
