package cleanuporphanedfilerecords

import (
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/report"
)

// Seen to fail when Where decided alone: of a layout that declares no such records, none had a file. A flag in words
// was seen to count for nothing.
func TestARecordThatHasNoFileIsNeverJudged(t *testing.T) {
	l := fearless(t)
	l.keep("a")
	for name, virtual := range map[string]any{
		"virtual": true, "virtual as a number": int32(1), "not virtual": false, "not virtual as null": nil,
		"in words": "true",
	} {
		path := recorded + "/" + name
		l.insert("file_records", bson.D{{Key: "_id", Value: name}, {Key: "path", Value: path},
			{Key: "is_virtual", Value: virtual}})
	}
	r := l.run()
	if l.ids() != "a in words virtual virtual as a number" || r.Counts["recordsWithoutFile"] != 3 ||
		r.Counts["filesChecked"] != 3 {
		t.Errorf("records %q, counts %v", l.ids(), r.Counts)
	}
	l = fearless(t)
	l.layout = librarytest.Web
	l.keep("a")
	l.record("gone")
	l.expect(l.run(), report.Succeeded, "", "a")
}

func TestARecordThatBecomesVirtualIsLeftAlone(t *testing.T) {
	l := referred(t)
	p, w := l.planned()
	virtual := bson.D{{Key: "$set", Value: bson.D{{Key: "is_virtual", Value: true}}}}
	_, err := l.server.DB.Collection("file_records").UpdateByID(t.Context(), "b", virtual)
	l.must(err)
	_, err = p.Execute(t.Context(), w)
	l.must(err)
	if l.ids() != "a b" || !strings.Contains(l.idsOf("embedding_records"), "e1 e2") {
		t.Errorf("records %q, embeddings %q", l.ids(), l.idsOf("embedding_records"))
	}
}

// The name on disk was not UTF-8, and the application recorded what it could. Seen to fail when such a name counted as
// missing.
func TestANameThatWasNotUTF8IsLeftAloneAndCounted(t *testing.T) {
	l := fearless(t)
	l.keep("a")
	l.write("caf\xe9.jpg")
	l.record("caf\ufffd.jpg", "2019\ufffd/b", "gone")
	r := l.run()
	l.expect(r, report.Succeeded, "", "a caf\ufffd.jpg 2019\ufffd/b")
	if !strings.Contains(fmt.Sprint(r.Warnings), "2 records were not judged: U+FFFD in their paths") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// The library that the application wrote, with two of its files gone.
func TestInTheApplicationsOwnLibraryWhatDependsOnAFileGoesWithIt(t *testing.T) {
	docs := librarytest.Fixture(librarytest.Desktop)
	l := fearless(t)
	l.must(librarytest.InsertRaw(t.Context(), l.server.DB, docs))
	l.o.LibraryRoots, l.o.PathMaps = nil, []string{"/library/photos=" + l.root}
	for i, doc := range docs["file_records"] {
		if i >= 2 {
			l.write(strings.TrimPrefix(doc.Lookup("path").StringValue(), "/library/photos/"))
		}
	}
	first, second := docs["file_records"][0].Lookup("_id"), docs["file_records"][1].Lookup("_id")
	want := librarytest.UCoreFS.Deleted(docs, "file_records", librarytest.Key(first), librarytest.Key(second))
	r := l.run()
	if r.Outcome != report.Succeeded || r.Counts["recordsDeleted"] != 2 || r.Counts["filesChecked"] != 48 {
		t.Errorf("%s %v: %s", r.Outcome, r.Counts, r.Message)
	}
	got, err := l.layout.Read(t.Context(), l.server.DB)
	l.must(err)
	for _, c := range l.layout.Collections() {
		taskstest.SameBytes(t, c, want[c], got[c])
	}
}

func TestALibraryThatDeclaresNoFilesHasNoneToLookFor(t *testing.T) {
	l := newLab(t)
	l.layout = librarytest.Shop
	l.insert("customers", bson.D{{Key: "_id", Value: "a"}})
	r := l.run()
	if r.Outcome != report.Succeeded || r.Message != "nothing to do: the declaration shop has no files" {
		t.Errorf("%s/%s: %s", r.Outcome, r.Reason, r.Message)
	}
}
