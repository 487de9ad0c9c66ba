package fixfiletypes

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// typeOf is the table of the application, written down once more.
func typeOf(extension string) string {
	switch extension {
	case "jpg", "jpeg", "png", "webp", "gif", "bmp", "tiff", "tif", "heic", "heif":
		return "image"
	case "txt", "md", "json", "xml", "csv", "log":
		return "text"
	}
	return ""
}

// fixed is what the records should be afterwards, and how many change.
func fixed(docs librarytest.Docs) (want librarytest.Docs, n int64) {
	want = librarytest.Docs{}
	for name, list := range docs {
		for _, doc := range list {
			kind, _ := doc.Lookup("file_type").StringValueOK()
			extension, _ := doc.Lookup("extension").StringValueOK()
			if name == "file_records" && kind == "unknown" && typeOf(extension) != "" {
				doc = librarytest.With(doc, "file_type", typeOf(extension))
				n++
			}
			want[name] = append(want[name], doc)
		}
	}
	return want, n
}

// Seen to fail when every unknown record became an image.
func TestTheTypeFollowsFromTheExtension(t *testing.T) {
	for _, seed := range taskstest.Numbers(t, 60) {
		b := taskstest.New(t, librarytest.Generate(seed, librarytest.Tiny))
		before := b.Read()
		want, n := fixed(before)
		plan, done := b.Run(Task())
		taskstest.Same(t, "the library", want, b.Read())
		if plan.Counts["filesFixed"] != n || done.Counts["filesFixed"] != n ||
			done.Counts["filesChecked"] != int64(len(before["file_records"])) {
			t.Errorf("seed %d: planned %v, done %v, want %d of %d", seed, plan.Counts, done.Counts, n,
				len(before["file_records"]))
		}
		b.RunsAgainWithoutAWrite(Task())
		if _, err := stores.Restore(t.Context(), b.Writer, taskstest.RunID); err != nil {
			t.Fatal(err)
		}
		taskstest.SameBytes(t, "restored", before["file_records"], b.Read()["file_records"])
	}
}

// file is a file record with a type and an extension.
func file(kind, extension any) bson.D {
	return bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "file_type", Value: kind},
		{Key: "extension", Value: extension}}
}

func TestWhatIsNotUnknownOrNotDeclaredIsLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		kind, extension any
		want            string
	}{
		"an unknown image":            {"unknown", "jpg", "image"},
		"in capital letters":          {"unknown", "JPG", "image"},
		"with its dot":                {"unknown", ".jpg", "image"},
		"an unknown text":             {"unknown", "md", "text"},
		"an extension nobody knows":   {"unknown", "xyz", "unknown"},
		"no extension":                {"unknown", "", "unknown"},
		"an extension that is null":   {"unknown", nil, "unknown"},
		"a type that somebody chose":  {"text", "jpg", "text"},
		"another word for unknown":    {"Unknown", "jpg", "Unknown"},
		"an extension that is a list": {"unknown", bson.A{"jpg"}, "unknown"},
	} {
		docs := librarytest.Raw(map[string][]bson.D{"file_records": {file(c.kind, c.extension)}})
		b := taskstest.Of(t, librarytest.UCoreFS, docs)
		b.Run(Task())
		if got := b.Read()["file_records"][0].Lookup("file_type").StringValue(); got != c.want {
			t.Errorf("%s: it is %q, want %q", name, got, c.want)
		}
	}
}

func TestOneRunChangesSoManyAndTheNextTheRest(t *testing.T) {
	docs := map[string][]bson.D{}
	for range 5 {
		docs["file_records"] = append(docs["file_records"], file("unknown", "jpg"))
	}
	b := taskstest.Of(t, librarytest.UCoreFS, librarytest.Raw(docs))
	for _, want := range []int64{2, 2, 1, 0} {
		if plan, done := b.Run(task(2)); done.Counts["filesFixed"] != want || (len(plan.Warnings) > 0) != (want == 2) {
			t.Errorf("%v, %q", done.Counts, plan.Warnings)
		}
	}
}

func TestALibraryThatDeclaresNoTypesSaysSo(t *testing.T) {
	b := taskstest.Of(t, librarytest.Web, nil)
	plan, err := Task().Prepare(t.Context(), b.Env)
	if err != nil || plan.Message != "nothing to do: the declaration ucorefs-web has no fileTypes" {
		t.Errorf("%q, %v", plan.Message, err)
	}
}

// A record whose type was chosen between the plan and the write stays as it is.
func TestATypeThatIsChosenMeanwhileStays(t *testing.T) {
	b := taskstest.Of(t, librarytest.UCoreFS,
		librarytest.Raw(map[string][]bson.D{"file_records": {file("unknown", "jpg")}}))
	plan := b.Prepare(Task())
	chosen := bson.D{{Key: "$set", Value: bson.D{{Key: "file_type", Value: "text"}}}}
	if _, err := b.Server.DB.Collection("file_records").UpdateMany(context.Background(), bson.D{}, chosen); err != nil {
		t.Fatal(err)
	}
	done, err := plan.Execute(t.Context(), b.Writer)
	if err != nil || done.Counts["filesFixed"] != 0 || len(done.Warnings) != 1 {
		t.Errorf("%v, %v, %q", err, done.Counts, done.Warnings)
	}
}
