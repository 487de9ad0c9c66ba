package verifyreferences_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/verifyreferences"
)

// Prepare is all of this task, and the bench fails a Prepare that sends a write.
func TestEveryBrokenReferenceIsCountedAndNothingIsWritten(t *testing.T) {
	taskstest.Seeds(t, 60, func(t *testing.T, l librarytest.Layout, seed int64) {
		verifies(t, taskstest.New(t, l.Generate(seed, librarytest.Tiny)))
	})
}

func TestLargeCollectionsAreVerifiedInRanges(t *testing.T) {
	taskstest.Seeds(t, 40, func(t *testing.T, l librarytest.Layout, seed int64) {
		verifies(t, taskstest.Large(t, l.Generate(seed, librarytest.Tiny)))
	})
}

func TestAThirdDeclarationIsVerified(t *testing.T) {
	for seed := range int64(10) {
		verifies(t, taskstest.New(t, librarytest.Shop.Generate(seed, librarytest.Tiny)))
	}
}

func verifies(t *testing.T, b *taskstest.Bench) {
	t.Helper()
	l := b.Layout
	before := b.Read()
	plan := b.Prepare(verifyreferences.Task())
	if plan.Execute != nil {
		t.Error("a task that only reads has something to execute")
	}
	if diff := cmp.Diff(counts(b.Env.Library, l, before), plan.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if broken := len(l.Broken(before)); (broken > 0) != (len(plan.Sample) > 0) {
		t.Errorf("%d references are broken, and the sample is %q", broken, plan.Sample)
	}
	taskstest.Same(t, "after verifying", before, b.Read())
}

// counts are the figures by the oracle, under the names that the declaration gives.
func counts(declared library.Library, l librarytest.Layout, docs librarytest.Docs) report.Counts {
	want, kinds := report.Counts{"filesChecked": int64(len(docs["file_records"]))}, map[string]string{}
	for _, ref := range declared.References {
		kind := "broken" + strings.ToUpper(ref.Counts[:1]) + ref.Counts[1:] + "Refs"
		want[kind], kinds[ref.From.Collection+"."+ref.From.Name] = 0, kind
	}
	for _, d := range l.Broken(docs) {
		want[kinds[d.Collection+"."+d.Field]]++
	}
	return want
}

// A library that the application wrote has no broken reference, as the application says itself.
func TestTheApplicationsOwnLibraryHasNoBrokenReference(t *testing.T) {
	for _, fixture := range []string{librarytest.Desktop, librarytest.DesktopMaintained} {
		b := taskstest.Of(t, librarytest.UCoreFS, librarytest.Fixture(fixture))
		want := report.Counts{
			"filesChecked": 48, "brokenTagRefs": 0, "brokenAlbumRefs": 0, "brokenDirRefs": 0, "brokenFileRefs": 0,
			"brokenParentRefs": 0, "brokenEmbeddingRefs": 0, "brokenSynonymRefs": 0, "brokenAntonymRefs": 0,
			"brokenRelationRefs": 0, "brokenRelationTypeRefs": 0, "brokenDetectionRefs": 0, "brokenDetectionClassRefs": 0,
			"brokenDetectionObjectRefs": 0, "brokenAnnotationRefs": 0, "brokenObjectClassRefs": 0,
		}
		plan := b.Prepare(verifyreferences.Task())
		if diff := cmp.Diff(want, plan.Counts); diff != "" {
			t.Errorf("%s: counts (-want +got):\n%s", fixture, diff)
		}
		if len(plan.Sample)+len(plan.Warnings) > 0 {
			t.Errorf("%s: %q, %q", fixture, plan.Sample, plan.Warnings)
		}
	}
}

// A collection that was dropped is a warning, and all references into it are broken. They are more than one run keeps
// as a sample.
func TestADroppedCollectionIsAWarning(t *testing.T) {
	docs := librarytest.Fixture(librarytest.Desktop)
	references := 0
	for _, file := range docs["file_records"] {
		list, _ := file.Lookup("tag_ids").ArrayOK()
		values, _ := list.Values()
		references += len(values)
	}
	delete(docs, "tags")
	plan := taskstest.Of(t, librarytest.UCoreFS, docs).Prepare(verifyreferences.Task())
	if got := plan.Counts["brokenTagRefs"]; references == 0 || got != int64(references) {
		t.Errorf("%d references to tags are broken, of %d", got, references)
	}
	if len(plan.Warnings) != 1 || !strings.HasPrefix(plan.Warnings[0], "tags has no documents, but ") {
		t.Errorf("the warnings are %q", plan.Warnings)
	}
}

// A new field of the application is noticed by the next run. Seen to fail when only check looked.
func TestFieldsWithIDsThatAreNotDeclaredAreAWarning(t *testing.T) {
	docs := librarytest.Fixture(librarytest.Desktop)
	for _, name := range []string{"file_records", "tags", "tasks", "journal", "relations", "detection_instances"} {
		for i, doc := range docs[name] {
			file := docs["file_records"][i%48].Lookup("_id")
			docs[name][i] = with(t, doc, bson.E{Key: "twin_id", Value: file})
		}
	}
	b := taskstest.Of(t, librarytest.UCoreFS, docs)
	plan := b.Prepare(verifyreferences.Task())
	const all = ".twin_id: N of N sampled values are ids of file_records"
	want := "fields hold ids, and the declaration does not name them, so that their references are not verified: " +
		"detection_instances" + all + ", file_records" + all + ", journal" + all + ", relations" + all + ", tags" + all +
		" and 1 more"
	got := regexp.MustCompile(`\d+ of`).ReplaceAllString(strings.Join(plan.Warnings, "\n"), "N of")
	got = regexp.MustCompile(`of \d+ sampled`).ReplaceAllString(got, "of N sampled")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func with(t *testing.T, doc bson.Raw, more bson.E) bson.Raw {
	t.Helper()
	var fields bson.D
	if err := bson.Unmarshal(doc, &fields); err != nil {
		t.Fatal(err)
	}
	raw, err := bson.Marshal(append(fields, more))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A tag that is made after the tags were read, and given to a file before the files are read, is no broken reference.
// Seen to fail when what the reading of the tags did not meet counted as missing without a second look.
func TestATagMadeWhileTheTaskRunsIsNotMissing(t *testing.T) {
	b := taskstest.New(t, librarytest.GenerateWith(1, librarytest.Options{Roots: 1, Files: 3, Tags: 1}))
	b.Before = func(c connection.Command) {
		if c.Name != "find" || c.Document.Lookup("find").StringValue() != "file_records" {
			return
		}
		b.Before = nil
		insert(t, b, "tags", bson.D{{Key: "_id", Value: "new"}})
		insert(t, b, "file_records", bson.D{{Key: "_id", Value: "f"},
			{Key: "tag_ids", Value: bson.A{"new", "never", "never"}}})
	}
	if got := b.Prepare(verifyreferences.Task()).Counts["brokenTagRefs"]; got != 2 {
		t.Errorf("%d broken references to tags, want 2", got)
	}
}

func insert(t *testing.T, b *taskstest.Bench, collection string, doc bson.D) {
	t.Helper()
	if _, err := b.Server.DB.Collection(collection).InsertOne(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
}
