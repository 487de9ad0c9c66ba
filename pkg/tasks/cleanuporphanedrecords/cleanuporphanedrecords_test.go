package cleanuporphanedrecords_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/cleanuporphanedrecords"
	"ucorefs.io/maintenance/pkg/tasks/verifyreferences"
)

func TestEveryDanglingReferenceGoesAndComesBackFromTheJournal(t *testing.T) {
	taskstest.Seeds(t, 60, func(t *testing.T, l librarytest.Layout, seed int64) {
		cleans(t, taskstest.New(t, l.Generate(seed, librarytest.Tiny)), seed%4 == 0)
	})
}

func TestLargeCollectionsAreCleanedInRanges(t *testing.T) {
	taskstest.Seeds(t, 30, func(t *testing.T, l librarytest.Layout, seed int64) {
		cleans(t, taskstest.Large(t, l.Generate(seed, librarytest.Tiny)), seed%4 == 0)
	})
}

func TestAThirdDeclarationIsCleaned(t *testing.T) {
	for seed := range int64(10) {
		cleans(t, taskstest.New(t, librarytest.Shop.Generate(seed, librarytest.Tiny)), true)
	}
}

func cleans(t *testing.T, b *taskstest.Bench, restore bool) {
	t.Helper()
	before := b.Read()
	want := expect(b.Env.Library, b.Layout, before)
	verified := b.Prepare(verifyreferences.Task()).Counts
	plan, done := allowed(t, b, want.refused)
	after := b.Read()
	for _, collection := range b.Layout.Collections() {
		taskstest.SameBytes(t, collection, want.docs[collection], after[collection])
	}
	if diff := cmp.Diff(want.counts, done.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(plan.Counts, done.Counts); diff != "" {
		t.Errorf("done differs from the plan (-plan +done):\n%s", diff)
	}
	want.agrees(t, verified, done.Counts)
	b.RunsAgainWithoutAWrite(cleanuporphanedrecords.Task())
	if restore {
		restores(t, b, before)
	}
}

// allowed runs the task, which must refuse where a collection is empty and references lead there: then by the plan's
// digest.
func allowed(t *testing.T, b *taskstest.Bench, refused bool) (tasks.Plan, tasks.Done) {
	t.Helper()
	plan := b.Prepare(cleanuporphanedrecords.Task())
	if got := plan.Verdict != nil && plan.Verdict.Reason == report.ReasonTargetMissing; got != refused {
		t.Errorf("the verdict is %+v; refused should be %v", plan.Verdict, refused)
	}
	if refused {
		b.Env.Options.AllowPlan = plan.Digest
		plan = b.Prepare(cleanuporphanedrecords.Task())
	}
	if b.Env.Options.AllowPlan = ""; plan.Verdict != nil {
		t.Errorf("allowed by its digest, the plan is %+v", plan.Verdict)
	}
	done, err := plan.Execute(t.Context(), b.Writer)
	if err != nil {
		t.Fatal(err)
	}
	return plan, done
}

func restores(t *testing.T, b *taskstest.Bench, before librarytest.Docs) {
	t.Helper()
	restored, err := stores.Restore(t.Context(), b.Writer, taskstest.RunID)
	if err != nil || restored.Conflicts > 0 {
		t.Fatalf("restored %+v, %v", restored, err)
	}
	after := b.Read()
	for _, collection := range b.Layout.Collections() {
		taskstest.SameBytes(t, collection+" restored", before[collection], after[collection])
	}
}

// agrees compares what was removed with what verify-references counted before. References to documents that go in the
// same run, which only relations do here, are not broken before it.
func (e expectation) agrees(t *testing.T, verified, removed report.Counts) {
	t.Helper()
	for key, n := range removed {
		kind, is := strings.CutSuffix(key, "RefsRemoved")
		if broken := verified["broken"+strings.ToUpper(kind[:1])+kind[1:]+"Refs"]; is && kind != "relation" && n != broken {
			t.Errorf("%d references of the kind %s were removed, and %d were broken", n, kind, broken)
		}
	}
}

// The library that the application wrote has nothing to clean.
func TestTheApplicationsOwnLibraryIsLeftAlone(t *testing.T) {
	b := taskstest.Of(t, librarytest.UCoreFS, librarytest.Fixture(librarytest.Desktop))
	plan := b.Prepare(cleanuporphanedrecords.Task())
	want := report.Counts{
		"filesCleaned": 0, "tagRefsRemoved": 0, "albumRefsRemoved": 0, "albumsCleaned": 0, "fileRefsRemoved": 0,
		"embeddingsRemoved": 0, "embeddingRefsRemoved": 0, "tagsCleaned": 0, "synonymRefsRemoved": 0, "antonymRefsRemoved": 0,
		"relationsRemoved": 0, "relationRefsRemoved": 0, "detectionsRemoved": 0, "detectionRefsRemoved": 0,
		"detectionsCleaned":         0,
		"detectionClassRefsRemoved": 0, "detectionObjectRefsRemoved": 0,
		"annotationsRemoved": 0, "annotationRefsRemoved": 0,
	}
	if diff := cmp.Diff(want, plan.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if plan.Verdict != nil || plan.Digest != "" || len(plan.Warnings) > 0 {
		t.Errorf("the verdict is %+v, the digest %q, the warnings %q", plan.Verdict, plan.Digest, plan.Warnings)
	}
	b.RunsAgainWithoutAWrite(cleanuporphanedrecords.Task())
}
