package rebuildallcounts_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/rebuildallcounts"
)

func TestEveryCounterBecomesWhatTheRecountSays(t *testing.T) {
	taskstest.Seeds(t, 100, func(t *testing.T, l librarytest.Layout, seed int64) {
		becomesRight(t, taskstest.New(t, l.Generate(seed, librarytest.Tiny)))
	})
}

// Seen to fail when what the ranges counted was not added up.
func TestLargeCollectionsAreCountedInRanges(t *testing.T) {
	taskstest.Seeds(t, 40, func(t *testing.T, l librarytest.Layout, seed int64) {
		b := taskstest.Large(t, l.Generate(seed, librarytest.Tiny))
		ranges := 0
		b.Before = func(c connection.Command) {
			if c.Name == "find" && c.Document.Lookup("filter", "_id", "$lte").Type != 0 {
				ranges++
			}
		}
		files := len(b.Read()["file_records"])
		if becomesRight(t, b); files > 10 && ranges == 0 {
			t.Errorf("%d files are read in one range", files)
		}
	})
}

// A library that nobody thought of: sums, counts in two directions, a collection that has counters and is counted.
func TestAThirdLibraryIsCounted(t *testing.T) {
	for seed := range int64(20) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			becomesRight(t, taskstest.New(t, librarytest.Shop.Generate(seed, librarytest.Tiny)))
		})
	}
}

func becomesRight(t *testing.T, b *taskstest.Bench) {
	t.Helper()
	before := b.Read()
	plan, done := b.Run(rebuildallcounts.Task())
	want, after := expected(b.Layout, before), b.Read()
	for name := range before {
		taskstest.SameBytes(t, name, want[name], after[name])
	}
	if diff := cmp.Diff(counts(b.Layout, before), done.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(plan.Counts, done.Counts); diff != "" {
		t.Errorf("done differs from the plan (-plan +done):\n%s", diff)
	}
	b.RunsAgainWithoutAWrite(rebuildallcounts.Task())
}

// expected is the documents with each wrong counter replaced, where it stands or at the end; all others are as they
// were.
func expected(l librarytest.Layout, docs librarytest.Docs) librarytest.Docs {
	want, counters := librarytest.Docs{}, l.Recount(docs)
	for name, list := range docs {
		for _, doc := range list {
			want[name] = append(want[name], corrected(doc, counters[name][librarytest.Key(doc.Lookup("_id"))]))
		}
	}
	return want
}

func corrected(doc bson.Raw, counters map[string]int64) bson.Raw {
	for _, name := range slices.Sorted(maps.Keys(counters)) { // the order in which a server adds new fields
		if librarytest.Key(doc.Lookup(name)) != librarytest.KeyOf(counters[name]) {
			doc = librarytest.With(doc, name, counters[name])
		}
	}
	return doc
}

// counts is what the task should report.
func counts(l librarytest.Layout, docs librarytest.Docs) report.Counts {
	keys := map[string]string{
		"tags": "tagsUpdated", "albums": "albumsUpdated", "directory_records": "directoriesUpdated",
		"annotation_jobs": "annotationJobsUpdated", "customers": "customersUpdated", "orders": "ordersUpdated",
	}
	wrong := report.Counts{"filesScanned": int64(len(docs["file_records"]))}
	for _, v := range l.Check(docs) {
		wrong[keys[v.Collection]] = int64(v.Total - v.Right)
	}
	return wrong
}

// What the application counted is right, and what it had not counted yet becomes what it counts.
func TestTheApplicationAndTheTaskAgree(t *testing.T) {
	maintained := librarytest.Fixture(librarytest.DesktopMaintained)
	b := taskstest.Of(t, librarytest.UCoreFS, maintained)
	if plan := b.Prepare(rebuildallcounts.Task()); len(plan.Sample)+len(plan.Warnings) > 0 {
		t.Errorf("after the application's own recount the plan is %v, %q", plan.Counts, plan.Sample)
	}
	b = taskstest.Of(t, librarytest.UCoreFS, librarytest.Fixture(librarytest.Desktop))
	b.Run(rebuildallcounts.Task())
	after := b.Read()
	for _, name := range []string{"file_records", "directory_records", "tags", "albums"} {
		taskstest.Same(t, name, librarytest.Docs{name: maintained[name]}, librarytest.Docs{name: after[name]})
	}
}

// A collection without documents may have been emptied on purpose, so its counters become 0; and because it may have
// been a mistake, a warning says so. Seen to fail without the warning.
func TestCountersOfAnEmptyCollectionBecomeZeroWithAWarning(t *testing.T) {
	for name, c := range map[string]struct {
		empty, warning string
	}{
		// 5 tags, 1 smart album, 2 counters of 48 directories and the size of 48
		"the files": {"file_records", "file_records has no documents, so that 150 counters become 0: check that"},
		// no album and no file counts tags, and a tag that is not there has no counter
		"the tags":        {"tags", ""},
		"nothing at all":  {"view_settings", ""},
		"the directories": {"directory_records", ""},
	} {
		t.Run(name, func(t *testing.T) {
			docs := librarytest.Fixture(librarytest.DesktopMaintained)
			delete(docs, c.empty)
			b := taskstest.Of(t, librarytest.UCoreFS, docs)
			if err := b.Server.DB.CreateCollection(t.Context(), c.empty); err != nil {
				t.Fatal(err)
			}
			plan, done := b.Run(rebuildallcounts.Task())
			warning := strings.Join(plan.Warnings, "\n")
			if !strings.HasPrefix(warning, c.warning) || (warning == "") != (c.warning == "") || done.Verdict != nil {
				t.Errorf("it warns %q, want %q; the verdict is %+v", plan.Warnings, c.warning, done.Verdict)
			}
			if again := b.Prepare(rebuildallcounts.Task()); len(again.Warnings)+len(again.Sample) > 0 {
				t.Errorf("counters that are 0 already: %q, %q", again.Warnings, again.Sample)
			}
		})
	}
}

// A list that has another name in the database than in the declaration makes each counter of its length 0. Seen to fail
// without the warning.
func TestACounterThatIsLostEverywhereIsNamed(t *testing.T) {
	docs := librarytest.Fixture(librarytest.DesktopMaintained)
	for i, album := range docs["albums"] {
		docs["albums"][i] = librarytest.With(album, "file_ids", bson.A{})
	}
	plan := taskstest.Of(t, librarytest.UCoreFS, docs).Prepare(rebuildallcounts.Task())
	const want = "albums.file_count becomes 0 in all 4 documents where it was not: check that the declaration"
	if warning := strings.Join(plan.Warnings, "\n"); !strings.Contains(warning, want) {
		t.Errorf("it warns %q, want %q", warning, want)
	}
}

// What needs no counting is not scanned, and nothing is scanned twice.
func TestEachCollectionIsScannedOnce(t *testing.T) {
	b := taskstest.Of(t, librarytest.UCoreFS, librarytest.Fixture(librarytest.DesktopMaintained))
	scans := map[string]int{}
	b.Before = func(c connection.Command) {
		if c.Name == "find" {
			scans[c.Document.Lookup("find").StringValue()]++
		}
	}
	b.Prepare(rebuildallcounts.Task())
	want := map[string]int{
		"file_records": 1, "directory_records": 1, "tags": 1, "albums": 1, "annotation_jobs": 1, "annotation_records": 1,
	}
	if diff := cmp.Diff(want, scans); diff != "" {
		t.Errorf("scans (-want +got):\n%s", diff)
	}
}

// Of a library that is right there is one reading, and in it one count for each query that differs from the others.
func TestFiftyAlbumsWithThreeQueriesAreCountedByThree(t *testing.T) {
	docs := map[string][]bson.D{}
	for i := range 50 {
		docs["file_records"] = append(docs["file_records"], bson.D{{Key: "_id", Value: i},
			{Key: "rating", Value: int32(i % 3)}})
		docs["albums"] = append(docs["albums"], bson.D{
			{Key: "_id", Value: i}, {Key: "is_smart", Value: true}, {Key: "file_count", Value: []int{17, 17, 16}[i%3]},
			{Key: "smart_query", Value: bson.D{{Key: "rating", Value: int32(i % 3)}}},
		})
	}
	b := taskstest.Of(t, librarytest.UCoreFS, librarytest.Raw(docs))
	sent := 0
	b.Before = func(c connection.Command) {
		if isCount(c) {
			sent++
		}
	}
	if plan := b.Prepare(rebuildallcounts.Task()); sent != 3 || len(plan.Sample) > 0 {
		t.Errorf("%d counts were asked for, and the plan is %q", sent, plan.Sample)
	}
}

// isCount tells whether a command counts by a query. Another aggregate asks how a collection compares texts.
func isCount(c connection.Command) bool {
	_, err := c.Document.LookupErr("pipeline", "0", "$match")
	return c.Name == "aggregate" && err == nil
}

// Code is never sent to the server, a query is counted once, and what cannot be counted keeps its counter.
func TestQueriesOfAlbums(t *testing.T) {
	smart := func(id string, query any) bson.D {
		return bson.D{
			{Key: "_id", Value: id}, {Key: "is_smart", Value: true}, {Key: "smart_query", Value: query},
			{Key: "file_count", Value: 7},
		}
	}
	rated := bson.D{{Key: "rating", Value: 3}}
	b := taskstest.Of(t, librarytest.UCoreFS, librarytest.Raw(map[string][]bson.D{
		"file_records": {{{Key: "_id", Value: "f"}, {Key: "rating", Value: 3}}},
		"albums":       {smart("a", rated), smart("b", rated), smart("c", nil), smart("d", "text")},
	}))
	sent := 0
	b.Before = func(c connection.Command) {
		if isCount(c) {
			sent++
		}
	}
	plan, done := b.Run(rebuildallcounts.Task())
	if sent != 2 { // one for each reading
		t.Errorf("%d queries were sent", sent)
	}
	if len(plan.Warnings) != 2 || done.Counts["albumsUpdated"] != 2 {
		t.Errorf("the run came to %v, with the warnings %q", done.Counts, plan.Warnings)
	}
	for _, album := range b.Read()["albums"] {
		want := map[string]int64{"a": 1, "b": 1, "c": 7, "d": 7}[album.Lookup("_id").StringValue()]
		if got := album.Lookup("file_count").AsInt64(); got != want {
			t.Errorf("album %s counts %d, want %d", album.Lookup("_id"), got, want)
		}
	}
}
