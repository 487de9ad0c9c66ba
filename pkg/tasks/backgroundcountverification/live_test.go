package backgroundcountverification_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/checkpoint"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/backgroundcountverification"
)

// An application works between the task's commands and between its runs, and keeps its counters. A number stays as
// wrong as it was or becomes right, and never anything else; a round after the application stopped leaves every counter
// exact. Seen to fail when what the first scan came to was written over whatever was stored when it ended.
func TestLiveWritesNeverSpoilACounter(t *testing.T) {
	taskstest.Seeds(t, 10, func(t *testing.T, l librarytest.Layout, seed int64) {
		b := taskstest.New(t, l.Generate(seed, librarytest.Tiny))
		docs := b.Read()
		before := l.Drift(docs)
		writer, chance := librarytest.NewWriter(l, seed, b.Server.DB, docs), rand.New(rand.NewPCG(uint64(seed), 5))
		b.Before = func(connection.Command) {
			if chance.IntN(8) > 0 {
				return
			}
			if err := writer.Step(t.Context()); err != nil {
				t.Error(err)
			}
		}
		pageByPage(b)
		task := backgroundcountverification.TaskWith(page, oneSlice)
		finish(t, b, task)
		b.Before = nil
		for counter, drift := range l.Drift(b.Read()) {
			was := before[counter]
			if _, err := strconv.ParseFloat(was, 64); err == nil && drift != "0" && drift != was {
				t.Errorf("%s was off by %s and is off by %s", counter, was, drift)
			}
		}
		finish(t, b, task)
		checkRound(t, b, b.Read())
	})
}

// pageByPage has each run read one page.
func pageByPage(b *taskstest.Bench) {
	b.Env.Elapsed = (&taskstest.Clock{Tick: time.Hour}).Elapsed
	b.Env.Options.TimeBudget = time.Hour
}

// finish runs until a round is complete.
func finish(t *testing.T, b *taskstest.Bench, task tasks.Task) (runs int, counts report.Counts) {
	t.Helper()
	counts = report.Counts{}
	for range 200 {
		runs++
		_, done := b.Run(task)
		for _, key := range []string{"filesScanned", "driftFound", "driftFixed"} {
			counts[key] += done.Counts[key]
		}
		if done.Verdict == nil {
			return runs, counts
		}
	}
	t.Fatal("no round was complete after 200 runs")
	return runs, counts
}

var errKilled = errors.New("killed")

// Every run is first killed at one of its writes, before or after it reached the server, and then made again. What
// comes out is what an undisturbed round leaves. Seen to fail when the place was saved before the counters were
// written.
func TestARunKilledAtAnyWriteIsMadeAgain(t *testing.T) {
	taskstest.Seeds(t, 10, func(t *testing.T, l librarytest.Layout, seed int64) {
		b := taskstest.New(t, l.Generate(seed, librarytest.Tiny))
		task, before := backgroundcountverification.TaskWith(page, oneSlice), b.Read()
		pageByPage(b)
		for range 40 {
			if killed(t, b, task, int(seed%3)) || complete(b, task) {
				checkRound(t, b, before)
				return
			}
		}
		t.Fatal("no round was complete after 40 runs that were killed and made again")
	})
}

func complete(b *taskstest.Bench, task tasks.Task) bool {
	_, done := b.Run(task)
	return done.Verdict == nil
}

// killed makes a run that is ended when it sends its write number at, and tells whether it completed the round before
// that.
func killed(t *testing.T, b *taskstest.Bench, task tasks.Task, at int) bool {
	t.Helper()
	plan := b.Prepare(task)
	ctx, kill := context.WithCancelCause(t.Context())
	defer kill(nil)
	b.Before = func(c connection.Command) {
		if at--; at < 0 {
			kill(errKilled)
		}
	}
	defer func() { b.Before = nil }()
	done, err := plan.Execute(ctx, b.Writer)
	return err == nil && done.Verdict == nil
}

// Runs are killed at any of their commands, reads included, while the clock has them save their place after each page:
// no more than one page is asked for again for each of them, beside the queries that find nothing of another type at
// the end. Seen to fail when the place was saved at the end of a run only; and, since these runs have no budget, when
// that was a time limit of 292 years, which a server refuses.
func TestARunKilledAnywhereRepeatsOnePageAtMost(t *testing.T) {
	const pageOf3, emptyPages = 3, 2
	taskstest.Seeds(t, 10, func(t *testing.T, l librarytest.Layout, seed int64) {
		task := backgroundcountverification.TaskWith(pageOf3, oneSlice)
		undisturbed := pagesOfRound(t, taskstest.New(t, l.Generate(seed, librarytest.Tiny)), task, nil)
		chance := rand.New(rand.NewPCG(uint64(seed), 7))
		b := taskstest.New(t, l.Generate(seed, librarytest.Tiny))
		before, kills := b.Read(), 0
		pages := pagesOfRound(t, b, task, func() (commands int) { kills++; return 10 + chance.IntN(30) })
		if pages > undisturbed+(1+emptyPages)*kills {
			t.Errorf("%d pages were read in %d runs, and %d in an undisturbed round", pages, kills, undisturbed)
		}
		checkRound(t, b, before)
	})
}

// pagesOfRound makes runs until one completes the round, each killed after as many commands as it is given, and counts
// the pages of files that were asked for.
func pagesOfRound(t *testing.T, b *taskstest.Bench, task tasks.Task, life func() int) (pages int) {
	t.Helper()
	b.Env.Elapsed = (&taskstest.Clock{Tick: time.Minute}).Elapsed
	b.Env.Options.TimeBudget = 0
	for range 300 {
		ctx, kill := context.WithCancelCause(t.Context())
		left := -1
		if life != nil {
			left = life()
		}
		b.Before = func(c connection.Command) {
			if left--; left == 0 {
				kill(errKilled)
			}
			files := c.Name == "find" && c.Document.Lookup("find").StringValue() == "file_records"
			if files && c.Document.Lookup("sort").Type != 0 && ctx.Err() == nil {
				pages++
			}
		}
		if ended(ctx, b, task) {
			b.Before = nil
			return pages
		}
		b.Before = nil
		kill(nil)
	}
	t.Fatal("no round was complete after 300 runs")
	return pages
}

func ended(ctx context.Context, b *taskstest.Bench, task tasks.Task) bool {
	plan, err := task.Prepare(ctx, b.Env)
	if err != nil {
		return false
	}
	done, err := plan.Execute(ctx, b.Writer)
	return err == nil && done.Verdict == nil
}

// A run that is told nothing of what an earlier one saved would read the first page again and again.
func TestACheckpointOfAnotherPlanOrVersionIsIgnored(t *testing.T) {
	for name, change := range map[string]func(*checkpoint.Key){
		"another version": func(k *checkpoint.Key) { k.Version++ },
		"another plan":    func(k *checkpoint.Key) { k.Plan = "another model" },
	} {
		t.Run(name, func(t *testing.T) {
			b := taskstest.New(t, librarytest.Generate(3, librarytest.Tiny))
			task, own := backgroundcountverification.TaskWith(page, oneSlice), backgroundcountverification.Key(b.Env.Library)
			pageByPage(b)
			first, _ := b.Run(task)
			moveCheckpoint(t, b, own, change)
			again := b.Prepare(task)
			if again.Counts["coveragePercent"] != first.Counts["coveragePercent"] {
				t.Errorf("the run went on to %d %% from a place that is not its own", again.Counts["coveragePercent"])
			}
		})
	}
}

// moveCheckpoint puts a saved place under another key.
func moveCheckpoint(t *testing.T, b *taskstest.Bench, own checkpoint.Key, change func(*checkpoint.Key)) {
	t.Helper()
	store := stores.Checkpoints(b.Writer)
	state, err := store.Load(t.Context(), own)
	if err != nil || state == nil {
		t.Fatalf("the first run saved %v, %v", state, err)
	}
	if err := store.Clear(t.Context(), own.Task); err != nil {
		t.Fatal(err)
	}
	change(&own)
	if err := store.Save(t.Context(), own, state); err != nil {
		t.Fatal(err)
	}
}

func TestACheckpointThatIsNoStateBeginsARound(t *testing.T) {
	for name, state := range map[string]bson.D{
		"another shape":           {{Key: "slices", Value: "many"}},
		"a slice beyond the end":  {{Key: "slices", Value: 2}, {Key: "slice", Value: 2}},
		"a source beyond the end": {{Key: "slices", Value: 1}, {Key: "source", Value: 99}},
		"entries that are cut": {
			{Key: "slices", Value: 1}, {Key: "begun", Value: true}, {Key: "entries", Value: []byte{0, 7, 12, 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := taskstest.New(t, librarytest.Generate(3, librarytest.Tiny))
			before := b.Read()
			key := backgroundcountverification.Key(b.Env.Library)
			if err := stores.Checkpoints(b.Writer).Save(t.Context(), key, state); err != nil {
				t.Fatal(err)
			}
			_, done := b.Run(backgroundcountverification.TaskWith(page, oneSlice))
			if done.Verdict != nil || done.Counts["driftFixed"] != wrong(b, before) {
				t.Errorf("the run came to %v, %+v", done.Counts, done.Verdict)
			}
			checkRound(t, b, before)
			b.RunsAgainWithoutAWrite(backgroundcountverification.TaskWith(page, oneSlice))
		})
	}
}

// A smart album whose query never ends within the budget must neither stop the round for ever nor be taken for empty.
func TestASmartAlbumThatTakesLongerThanTheBudgetIsLeftAlone(t *testing.T) {
	l := librarytest.GenerateWith(1, librarytest.Options{Roots: 1, Files: 3})
	smart := bson.D{
		{Key: "_id", Value: "smart"}, {Key: "is_smart", Value: true}, {Key: "smart_query", Value: bson.D{}},
		{Key: "file_count", Value: int64(-1)},
	}
	l.Docs["albums"] = []bson.D{smart}
	b := taskstest.New(t, l)
	task := backgroundcountverification.TaskWith(page, oneSlice)
	b.Env.Options.TimeBudget = 2 // nanoseconds, of which the clock never counts one and the server takes more
	if _, done := b.Run(task); done.Verdict == nil || done.Verdict.Reason != report.ReasonTimeBudgetSpent {
		t.Fatalf("the first run, which read the files, ended with %+v", done.Verdict)
	}
	plan, done := b.Run(task)
	if done.Verdict != nil || len(plan.Warnings) != 1 || done.Counts["driftFound"] != 0 {
		t.Errorf("the second run came to %v, %+v, with the warnings %q", done.Counts, done.Verdict, plan.Warnings)
	}
}

// folder is a bench with a folder that counts n files and holds one, a; b lies in none. Each run reads one of the
// three.
func folder(t *testing.T, n int) (b *taskstest.Bench, set func(collection, id string, fields bson.D)) {
	b = taskstest.Of(t, librarytest.UCoreFS, librarytest.Raw(map[string][]bson.D{
		"directory_records": {{
			{Key: "_id", Value: "d"}, {Key: "child_count", Value: n}, {Key: "file_count", Value: n},
			{Key: "total_size", Value: 0},
		}},
		"file_records": {{{Key: "_id", Value: "a"}, {Key: "parent_id", Value: "d"}}, {{Key: "_id", Value: "b"}}},
	}))
	pageByPage(b)
	return b, func(collection, id string, fields bson.D) {
		update := bson.D{{Key: "$set", Value: fields}}
		if _, err := b.Server.DB.Collection(collection).UpdateByID(t.Context(), id, update); err != nil {
			t.Fatal(err)
		}
	}
}

// Both scans count a file that leaves the folder while they are under way, and one that came: each time the counter is
// in the end what it was. Seen to fail, with the counter set to 2, when it was looked at only when a scan ended.
func TestACounterThatWentUpAndDownAgainIsNoDrift(t *testing.T) {
	b, set := folder(t, 1)
	move := func(file string, to any, n int) {
		set("file_records", file, bson.D{{Key: "parent_id", Value: to}})
		set("directory_records", "d", bson.D{{Key: "child_count", Value: n}, {Key: "file_count", Value: n}})
	}
	task := backgroundcountverification.TaskWith(1, oneSlice)
	for run := 1; !complete(b, task); run++ {
		switch run {
		case 1:
			move("b", "d", 2)
		case 2:
			move("a", nil, 1)
		case 4:
			move("a", "d", 2)
		case 6:
			move("a", nil, 1)
		}
	}
	if got := filesIn(b); got != 1 {
		t.Errorf("the folder with one file counts %d", got)
	}
}

// Seen to fail when what the second scan came to was written alone.
func TestWhatTheScansDoNotAgreeOnIsLeftToTheNextRound(t *testing.T) {
	b, set := folder(t, 9)
	task := backgroundcountverification.TaskWith(1, oneSlice)
	for run := 1; !complete(b, task); run++ {
		if run == 3 { // between the scans
			set("file_records", "b", bson.D{{Key: "parent_id", Value: "d"}})
		}
	}
	if got := filesIn(b); got != 9 {
		t.Errorf("the scans came to 1 and 2, and the folder counts %d", got)
	}
	finish(t, b, task)
	if got := filesIn(b); got != 2 {
		t.Errorf("after the next round the folder with two files counts %d", got)
	}
}

// filesIn is what the folder counts.
func filesIn(b *taskstest.Bench) int64 {
	return b.Read()["directory_records"][0].Lookup("file_count").AsInt64()
}
