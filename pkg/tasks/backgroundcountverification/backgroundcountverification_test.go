package backgroundcountverification_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/backgroundcountverification"
	"ucorefs.io/maintenance/pkg/tasks/taskstest"
)

// Pages of 7 files and slices of at most a few documents, so that a tiny library is as much work as a large one.
const (
	page     = 20
	oneSlice = 1 << 20
	fewBytes = 800
)

func TestARoundInOneRunCorrectsWhatDrifted(t *testing.T) {
	taskstest.Seeds(t, 200, func(t *testing.T, seed int64) {
		b := taskstest.New(t, librarytest.Generate(seed, librarytest.Tiny))
		task, before := backgroundcountverification.TaskWith(page, oneSlice), b.Read()
		drifted := wrong(before)
		plan, done := b.Run(task)
		if plan.Verdict != nil || done.Verdict != nil {
			t.Errorf("the verdict is %+v, %+v", plan.Verdict, done.Verdict)
		}
		files := int64(len(before["file_records"]))
		if drifted > 0 {
			files *= 2
		}
		want := report.Counts{"filesScanned": files, "driftFound": drifted, "driftFixed": drifted, "coveragePercent": 100}
		if !equal(want, done.Counts) {
			t.Errorf("counts are %v, want %v", done.Counts, want)
		}
		checkRound(t, b, before)
		b.RunsAgainWithoutAWrite(task)
	})
}

// A clock by which every page costs the whole budget, so that each run reads one page, and slices of a few documents.
func TestEveryCounterIsVerifiedWithinTheStatedRuns(t *testing.T) {
	taskstest.Seeds(t, 40, func(t *testing.T, seed int64) {
		b := taskstest.New(t, librarytest.Generate(seed, librarytest.Tiny))
		before := b.Read()
		round := runRound(t, b, seed)
		if drifted := wrong(before); round.counts["driftFound"] != drifted || round.counts["driftFixed"] != drifted {
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

// runRound runs until a round is complete, each with a budget that a page, a smart album or the corrections of one collection exhaust.
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

// stated is how many runs the package comment allows, for a budget that a page, a smart album or the corrections of one collection
// exhaust.
func stated(b *taskstest.Bench, docs map[string][]bson.Raw, bytes int) int {
	slices := 1
	if bytes == fewBytes {
		slices = 4
	}
	work := (len(docs["file_records"])+page-1)/page + len(docs["albums"])
	return slices * (2*(work+1) + 3)
}

func wrong(docs map[string][]bson.Raw) (n int64) {
	for _, v := range librarytest.Check(docs) {
		n += int64(v.Total - v.Right)
	}
	return n
}

func equal(want, got report.Counts) bool {
	for key, n := range want {
		if got[key] != n {
			return false
		}
	}
	return len(want) == len(got)
}

// checkRound compares the database with the recount; what was right, and every file, must be as it was.
func checkRound(t *testing.T, b *taskstest.Bench, before map[string][]bson.Raw) {
	t.Helper()
	after := b.Read()
	for _, v := range librarytest.Check(after) {
		for _, w := range v.Wrong {
			t.Errorf("after the round: %s", w)
		}
	}
	drift, was := librarytest.Drift(before), map[string]bool{}
	for counter, off := range drift {
		was[counter] = off != "0"
	}
	for collection, docs := range before {
		now := librarytest.ByID(after[collection])
		for _, doc := range docs {
			id := librarytest.Key(doc.Lookup("_id"))
			touched := was[collection+" "+id+" file_count"] || was[collection+" "+id+" child_count"] || was[collection+" "+id+" total_size"]
			if !touched && now[id] != string(doc) {
				t.Errorf("%s %s was right and changed to %s", collection, id, bson.Raw(now[id]))
			}
		}
	}
}
