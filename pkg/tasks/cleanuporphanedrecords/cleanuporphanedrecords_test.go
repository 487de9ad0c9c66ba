package cleanuporphanedrecords_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/cleanuporphanedrecords"
	"ucorefs.io/maintenance/pkg/tasks/taskstest"
)

func TestEveryDanglingReferenceGoesAndComesBackFromTheJournal(t *testing.T) {
	taskstest.Seeds(t, 200, func(t *testing.T, seed int64) {
		b := taskstest.New(t, librarytest.Generate(seed, librarytest.Tiny))
		before := b.Read()
		plan, done := b.Run(cleanuporphanedrecords.Task())
		after := b.Read()
		want, counts := expected(before)
		for name := range before {
			taskstest.Same(t, name, want[name], after[name])
		}
		if diff := cmp.Diff(counts, done.Counts); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(plan.Counts, done.Counts); diff != "" {
			t.Errorf("done differs from the plan (-plan +done):\n%s", diff)
		}
		b.RunsAgainWithoutAWrite(cleanuporphanedrecords.Task())
		if seed%4 == 0 {
			restores(t, b, before)
		}
	})
}

func restores(t *testing.T, b *taskstest.Bench, before map[string][]bson.Raw) {
	t.Helper()
	restored, err := b.Writer.Restore(t.Context(), taskstest.RunID)
	if err != nil || restored.Conflicts > 0 {
		t.Fatalf("restored %+v, %v", restored, err)
	}
	after := b.Read()
	for name := range before {
		taskstest.Same(t, name+" restored", before[name], after[name])
	}
}

// expected is the documents and the counts after the run, derived from the list of dangling references, one by one.
func expected(docs map[string][]bson.Raw) (map[string][]bson.Raw, report.Counts) {
	e := expectation{gone: map[string]bool{}, counts: report.Counts{
		"filesCleaned": 0, "tagRefsRemoved": 0, "albumRefsRemoved": 0, "albumsCleaned": 0, "fileRefsRemoved": 0, "embeddingsRemoved": 0}}
	for _, d := range librarytest.Danglings(docs) {
		e.gone[d.Collection+" "+d.ID+" "+d.Field+" "+d.Target] = true
	}
	want := map[string][]bson.Raw{}
	for name, list := range docs {
		for _, doc := range list {
			if doc = e.cleaned(name, doc); doc != nil {
				want[name] = append(want[name], doc)
			}
		}
	}
	return want, e.counts
}

type expectation struct {
	gone   map[string]bool // "collection id field target"
	counts report.Counts
}

// cleaned is doc after the run; nil: it is deleted.
func (e expectation) cleaned(collection string, doc bson.Raw) bson.Raw {
	before := string(doc)
	switch collection {
	case "file_records":
		doc = e.shortened(collection, doc, "tag_ids", "tagRefsRemoved")
		doc = e.shortened(collection, doc, "album_ids", "albumRefsRemoved")
		e.count(before != string(doc), "filesCleaned")
	case "albums":
		doc = e.album(doc)
		e.count(before != string(doc), "albumsCleaned")
	case "embeddings":
		if e.dangles(collection, doc, "file_id", doc.Lookup("file_id")) {
			e.counts["embeddingsRemoved"]++
			return nil
		}
	}
	return doc
}

func (e expectation) count(yes bool, key string) {
	if yes {
		e.counts[key]++
	}
}

func (e expectation) dangles(collection string, doc bson.Raw, field string, target bson.RawValue) bool {
	return e.gone[collection+" "+librarytest.Key(doc.Lookup("_id"))+" "+field+" "+librarytest.Key(target)]
}

// album loses files, and where it did a manual one counts those that are left; a cover that dangles becomes null.
func (e expectation) album(doc bson.Raw) bson.Raw {
	shorter := e.shortened("albums", doc, "file_ids", "fileRefsRemoved")
	smart, _ := doc.Lookup("is_smart").BooleanOK()
	if string(shorter) != string(doc) && !smart {
		left := distinct(shorter.Lookup("file_ids"))
		if librarytest.Key(shorter.Lookup("file_count")) != librarytest.KeyOf(left) {
			shorter = librarytest.With(shorter, "file_count", left)
		}
	}
	if e.dangles("albums", doc, "cover_id", doc.Lookup("cover_id")) {
		shorter = librarytest.With(shorter, "cover_id", nil)
	}
	return shorter
}

func (e expectation) shortened(collection string, doc bson.Raw, field, key string) bson.Raw {
	list, left := elements(doc.Lookup(field)), bson.A{}
	for _, v := range list {
		if !e.dangles(collection, doc, field, v) {
			left = append(left, v)
		}
	}
	e.counts[key] += int64(len(list) - len(left))
	if len(left) == len(list) {
		return doc
	}
	return librarytest.With(doc, field, left)
}

func distinct(list bson.RawValue) int64 {
	var keys []string
	for _, v := range elements(list) {
		if v.Type != bson.TypeNull {
			keys = append(keys, librarytest.Key(v))
		}
	}
	slices.Sort(keys)
	return int64(len(slices.Compact(keys)))
}

func elements(v bson.RawValue) []bson.RawValue {
	array, ok := v.ArrayOK()
	if !ok {
		return nil
	}
	values, _ := array.Values()
	return values
}
