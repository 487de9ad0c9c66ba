package rebuildallcounts_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/rebuildallcounts"
	"ucorefs.io/maintenance/pkg/tasks/taskstest"
)

func TestEveryCounterBecomesWhatTheRecountSays(t *testing.T) {
	taskstest.Seeds(t, 200, func(t *testing.T, seed int64) {
		b := taskstest.New(t, librarytest.Generate(seed, librarytest.Tiny))
		before := b.Read()
		plan, done := b.Run(rebuildallcounts.Task())
		after := b.Read()
		want := expected(before)
		for name := range before {
			taskstest.Same(t, name, want[name], after[name])
		}
		if diff := cmp.Diff(counts(before), done.Counts); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(plan.Counts, done.Counts); diff != "" {
			t.Errorf("done differs from the plan (-plan +done):\n%s", diff)
		}
		b.RunsAgainWithoutAWrite(rebuildallcounts.Task())
	})
}

// expected is the documents with each wrong counter replaced, where it stands or at the end; all others are as they were.
func expected(docs map[string][]bson.Raw) map[string][]bson.Raw {
	want, counters := map[string][]bson.Raw{}, librarytest.Recount(docs)
	for name, list := range docs {
		for _, doc := range list {
			want[name] = append(want[name], corrected(doc, counters[name][librarytest.Key(doc.Lookup("_id"))]))
		}
	}
	return want
}

func corrected(doc bson.Raw, counters map[string]int64) bson.Raw {
	for _, name := range inOrder(counters) {
		if librarytest.Key(doc.Lookup(name)) != librarytest.KeyOf(counters[name]) {
			doc = librarytest.With(doc, name, counters[name])
		}
	}
	return doc
}

// inOrder is the order in which the task writes a document's counters, so that new ones come in this order too.
func inOrder(counters map[string]int64) []string { return slices.Sorted(maps.Keys(counters)) }

// counts is what the task should report.
func counts(docs map[string][]bson.Raw) report.Counts {
	wrong := report.Counts{"filesScanned": int64(len(docs["file_records"]))}
	for i, key := range []string{"tagsUpdated", "albumsUpdated", "directoriesUpdated"} {
		v := librarytest.Check(docs)[i]
		wrong[key] = int64(v.Total - v.Right)
	}
	return wrong
}
