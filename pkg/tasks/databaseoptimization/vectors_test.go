package databaseoptimization_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/faiss/faisstest"
	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
	"ucorefs.io/maintenance/pkg/tasks/taskstest"
)

func expectText(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q is not in %q", part, text)
	}
}

// clean is a library without dirt: every embedding is in the index.
func clean(t *testing.T, folder string) *taskstest.Bench {
	t.Helper()
	b := taskstest.New(t, librarytest.GenerateWith(1, librarytest.Options{Roots: 1, Directories: 2, Files: 30, Tags: 3, Albums: 2, Embeddings: 20, ClipDimension: clipDimension}))
	b.Env.Model.Embeddings.Dimensions = map[string]int{"clip": clipDimension}
	b.Env.Options.IndexDir = folder
	return b
}

func TestAnIndexIsWrittenAgainOnlyWhenItDiffersFromTheDatabase(t *testing.T) {
	folder := t.TempDir()
	b := clean(t, folder)
	b.Run(databaseoptimization.Task())
	clip := bson.D{{Key: "provider", Value: "clip"}}
	var copies []faisstest.Place // of the index after each change, for FAISS to read in the end
	var want [][]entry
	change := func(what string, rebuilt int64, do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if _, done := b.Run(databaseoptimization.Task()); done.Counts["faissIndexesRebuilt"] != rebuilt {
			t.Errorf("%s: %d indexes were written, want %d", what, done.Counts["faissIndexesRebuilt"], rebuilt)
		}
		copies = append(copies, copyIndex(t, folder))
		want = append(want, indexed(b.Read(), b.Env.Model.Embeddings.Dimensions)["clip"])
	}
	embeddings := b.Server.DB.Collection("embeddings")
	var first struct {
		ID     any           `bson:"_id"`
		File   bson.ObjectID `bson:"file_id"`
		Vector []float64     `bson:"vector"`
	}
	if err := embeddings.FindOne(t.Context(), clip).Decode(&first); err != nil {
		t.Fatal(err)
	}
	set := func(field string, value any) func() error {
		return func() error {
			_, err := embeddings.UpdateByID(t.Context(), first.ID, bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: value}}}})
			return err
		}
	}
	change("nothing", 0, func() error { return nil })
	change("another field", 0, set("model", "ViT-B/32"))
	turned := append([]float64{-first.Vector[0]}, first.Vector[1:]...)
	change("a number of a vector", 1, set("vector", turned))
	change("a vector that becomes too short", 1, set("vector", turned[1:]))
	change("a file that is removed", 1, func() error {
		_, err := b.Server.DB.Collection("file_records").DeleteOne(t.Context(), bson.D{{Key: "_id", Value: otherFile(t, b, first.File)}})
		return err
	})
	for i, got := range faisstest.ReadAll(t, copies) {
		expectIndex(t, copies[i].Folder, want[i], got)
	}
}

// copyIndex copies clip's present index to a folder of its own.
func copyIndex(t *testing.T, folder string) faisstest.Place {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{"clip.faiss", "clip.ids"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return faisstest.Place{Folder: to, Provider: "clip"}
}

// otherFile is a file with an embedding of clip and of no other provider.
func otherFile(t *testing.T, b *taskstest.Bench, not bson.ObjectID) bson.ObjectID {
	t.Helper()
	of := map[bson.ObjectID]int{}
	for _, doc := range b.Read()["embeddings"] {
		of[doc.Lookup("file_id").ObjectID()]++
	}
	for id, n := range of {
		if n == 1 && id != not {
			return id
		}
	}
	t.Fatal("there is none")
	return not
}

func TestADamagedIndexIsWrittenAgain(t *testing.T) {
	folder := t.TempDir()
	b := clean(t, folder)
	b.Run(databaseoptimization.Task())
	if err := unix.Truncate(filepath.Join(folder, "clip.ids"), 50); err != nil {
		t.Fatal(err)
	}
	plan, done := b.Run(databaseoptimization.Task())
	if done.Counts["faissIndexesRebuilt"] != 1 {
		t.Errorf("the counts are %v", done.Counts)
	}
	expectText(t, strings.Join(plan.Sample, "\n"), "is damaged")
	expectIndex(t, "clip", indexed(b.Read(), b.Env.Model.Embeddings.Dimensions)["clip"], faisstest.Read(t, folder, "clip"))
}

// Seen to fail without the look at the number of vectors before publishing.
func TestAnIndexIsNotReplacedByAnEmptyOneThatNobodyPlanned(t *testing.T) {
	folder := t.TempDir()
	b := clean(t, folder)
	b.Run(databaseoptimization.Task())
	embeddings := b.Server.DB.Collection("embeddings")
	all := bson.D{{Key: "provider", Value: "clip"}}
	if _, err := embeddings.UpdateMany(t.Context(), all, bson.D{{Key: "$set", Value: bson.D{{Key: "vector", Value: []float64{1, 2, 3, 4, 5, 6, 7, 8}}}}}); err != nil {
		t.Fatal(err)
	}
	want := snapshot(t, filepath.Join(folder, "clip.generations"))
	plan := b.Prepare(databaseoptimization.Task())
	if _, err := embeddings.DeleteMany(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	done, err := plan.Execute(t.Context(), b.Writer)
	if err != nil || plan.Counts["faissIndexesRebuilt"] != 1 || done.Counts["faissIndexesRebuilt"] != 0 {
		t.Errorf("planned %v, done %v, %v", plan.Counts, done.Counts, err)
	}
	if got := snapshot(t, filepath.Join(folder, "clip.generations")); len(got) != len(want) {
		t.Errorf("the generations were %v and are %v", want, got)
	}
}

// Seen to fail when the plan wrote whatever the database has.
func TestAnIndexIsNotReplacedByAnEmptyOne(t *testing.T) {
	folder := t.TempDir()
	b := clean(t, folder)
	b.Run(databaseoptimization.Task())
	want := snapshot(t, folder)
	if err := b.Server.DB.Collection("file_records").Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	plan, done := b.Run(databaseoptimization.Task())
	if done.Counts["faissIndexesRebuilt"] != 0 || len(want) != len(snapshot(t, folder)) {
		t.Errorf("the counts are %v", done.Counts)
	}
	expectText(t, strings.Join(plan.Warnings, "\n"), "clip: the database has no vector that an index can hold, so the present index was left as it is")
	expectText(t, strings.Join(plan.Warnings, "\n"), "clip: 20 embeddings of files that do not exist were left out")
}

// That nothing is replaced is what the tests of package faiss are about; here is what a person is told.
func TestWithoutRoomNothingIsReplacedAndTheErrorSaysWhatToDo(t *testing.T) {
	folder := faisstest.SmallFolder(t, 64<<10)
	b := clean(t, folder)
	b.Run(databaseoptimization.Task())
	fill := make([]any, 3000)
	file := b.Read()["file_records"][0].Lookup("_id")
	for i := range fill {
		fill[i] = bson.D{{Key: "provider", Value: "clip"}, {Key: "file_id", Value: file}, {Key: "vector", Value: []float64{1, 2, 3, 4, 5, 6, 7, float64(i)}}}
	}
	if err := b.Server.DB.Collection("embeddings").Indexes().DropOne(t.Context(), "provider_1_file_id_1"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Server.DB.Collection("embeddings").InsertMany(t.Context(), fill); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, filepath.Join(folder, "clip.generations", "current")+"/")
	plan := b.Prepare(databaseoptimization.Task())
	done, err := plan.Execute(t.Context(), b.Writer)
	var task *tasks.Error
	if !errors.As(err, &task) || task.Reason != report.ReasonConfiguration {
		t.Fatalf("Execute() = %v, want a configuration error", err)
	}
	expectText(t, err.Error(), "make the volume of --index-dir larger")
	if done.Counts["faissIndexesRebuilt"] != 0 {
		t.Errorf("the counts are %v", done.Counts)
	}
	if after := snapshot(t, filepath.Join(folder, "clip.generations", "current")+"/"); len(after) != 3 || len(before) != 3 {
		t.Errorf("the present generation was %v and is %v", before, after)
	}
}

// Seen to fail when an error while reading was taken for the end.
func TestARunThatIsStoppedReplacesNothing(t *testing.T) {
	folder := t.TempDir()
	b := clean(t, folder)
	plan := b.Prepare(databaseoptimization.Task())
	ctx, stop := context.WithCancel(t.Context())
	b.Before = func(c mongodb.Command) {
		if c.Name == "find" {
			stop()
		}
	}
	if _, err := plan.Execute(ctx, b.Writer); !errors.Is(err, context.Canceled) {
		t.Fatalf("Execute() = %v, want that it was stopped", err)
	}
	if got := providers(t, folder); len(got) > 0 {
		t.Errorf("the folder holds indexes of %v", got)
	}
	b.Before = nil
	if _, done := b.Run(databaseoptimization.Task()); done.Counts["faissIndexesRebuilt"] == 0 {
		t.Errorf("the counts of the next run are %v", done.Counts)
	}
}

func TestAnIndexFolderThatIsNotThereIsAnErrorThatSaysWhatToDo(t *testing.T) {
	b := clean(t, filepath.Join(t.TempDir(), "none"))
	_, err := databaseoptimization.Task().Prepare(t.Context(), b.Env)
	var task *tasks.Error
	if !errors.As(err, &task) || task.Reason != report.ReasonConfiguration {
		t.Fatalf("Prepare() = %v, want a configuration error", err)
	}
	expectText(t, err.Error(), "make the folder that --index-dir names")
}
