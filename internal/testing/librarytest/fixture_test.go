package librarytest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRecountIsWhatTheApplicationItselfCounted(t *testing.T) {
	want := stored(Fixture(DesktopMaintained))
	if diff := cmp.Diff(want, UCoreFS.Recount(Fixture(Desktop))); diff != "" {
		t.Errorf("(-what the application stored +recount):\n%s", diff)
	}
}

// stored are the counters as documents hold them.
func stored(docs Docs) Counters {
	r := recount{docs: docs, counters: Counters{}}
	for _, c := range ucorefs().counters {
		for _, doc := range docs[c.collection] {
			for _, field := range c.fields {
				r.put(c.collection, doc, field, doc.Lookup(field).AsInt64())
			}
		}
	}
	return r.counters
}

func TestNothingIsWrongAfterTheApplicationsOwnMaintenance(t *testing.T) {
	docs := Fixture(DesktopMaintained)
	for _, v := range UCoreFS.Check(docs) {
		if v.Right != v.Total {
			t.Error(v.Wrong)
		}
	}
	if diff := Diff(docs, UCoreFS.Mirrored(docs)); diff != "" {
		t.Errorf("the mirror differs:\n%s", diff)
	}
}

func TestNoReferenceOfTheApplicationsLibraryIsBroken(t *testing.T) {
	for _, name := range []string{Desktop, DesktopMaintained} {
		docs := Fixture(name)
		if broken := UCoreFS.Broken(docs); len(broken) > 0 {
			t.Errorf("%s: %d references are broken, such as %v", name, len(broken), broken[0])
		}
		if diff := Diff(docs, UCoreFS.Cleaned(docs)); diff != "" {
			t.Errorf("%s: the cleanup changes\n%s", name, diff)
		}
	}
}

func TestTheApplicationsLibraryHasThirtyVectors(t *testing.T) {
	vectors := UCoreFS.Vectors(Fixture(Desktop))
	if len(vectors) != 1 || len(vectors["clip"]) != 30 {
		t.Errorf("%d providers, and %d vectors of clip, want 1 and 30", len(vectors), len(vectors["clip"]))
	}
	for file, vector := range vectors["clip"] {
		if len(vector) != 8 {
			t.Errorf("the vector of %s has %d numbers", file, len(vector))
		}
	}
}

// The application deleted its old tasks. Of its journal it deleted nothing, since it compares a date with a number.
func TestExpiredAreTheTasksThatTheApplicationDeletedAndItsWholeJournal(t *testing.T) {
	before, after := Fixture(Desktop), Fixture(DesktopMaintained)
	now := time.Date(2026, 11, 26, 11, 16, 1, 0, time.UTC)
	kept, gone := ByID(after[tasks]), map[string]bool{}
	for id := range ByID(before[tasks]) {
		if _, ok := kept[id]; !ok {
			gone[id] = true
		}
	}
	expired := UCoreFS.Expired(before, now, 30, 90)
	if len(gone) != 10 || len(expired[tasks]) != 10 {
		t.Errorf("the application deleted %d tasks and %d are expired, want 10 and 10", len(gone), len(expired[tasks]))
	}
	for _, id := range expired[tasks] {
		if !gone[id] {
			t.Errorf("task %s is expired, but the application kept it", id)
		}
	}
	if len(expired[journal]) != 30 {
		t.Errorf("%d journal entries are expired, want 30", len(expired[journal]))
	}
}
