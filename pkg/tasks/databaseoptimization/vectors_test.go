package databaseoptimization_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/internal/testing/faisstest"
	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
)

// change is a change of one document of a library with four files, numbered from 1. set nil: the document is deleted.
type change struct {
	what       string
	rebuilt    int64
	collection string
	file       byte // its number, which is that of its embedding too
	set        bson.D
}

func id(number byte) bson.ObjectID { return bson.ObjectID{11: number} }

func vector(x ...float64) []float64 { return x }

func set(field string, value any) bson.D { return bson.D{{Key: field, Value: value}} }

// Files 1 and 2 of the desktop application's library have a vector in their record, 2 and 3 one in a record of its own,
// 3 by the hex text of the file's id, and 4 in neither.
func desktopChanges() (docs map[string][]bson.D, changes []change) {
	own := func(v []float64) bson.D { return bson.D{{Key: "clip", Value: set("vector", v)}} }
	file := func(n byte, held any) bson.D {
		return bson.D{{Key: "_id", Value: id(n)}, {Key: "embeddings", Value: held}}
	}
	record := func(n byte, file any, v []float64) bson.D {
		return bson.D{
			{Key: "_id", Value: id(n)}, {Key: "file_id", Value: file},
			{Key: "provider", Value: "clip"}, {Key: "vector", Value: v},
		}
	}
	docs = map[string][]bson.D{
		"file_records":      {file(1, own(vector(1, 0, 0))), file(2, own(vector(0, 1, 0))), file(3, nil), file(4, bson.D{})},
		"embedding_records": {record(2, id(2), vector(0, 0, 1)), record(3, id(3).Hex(), vector(1, 2, 3))},
	}
	return docs, []change{
		{"another field of an embedding", 0, "embedding_records", 3, set("model_version", "2")},
		{"another field of a file", 0, "file_records", 1, set("embeddings.clip.model", "ViT-B/32")},
		{"the length of a vector, not its direction", 0, "embedding_records", 3, set("vector", vector(2, 4, 6))},
		{"an embedding of a file whose record has a vector", 0, "embedding_records", 2, set("vector", vector(1, 1, 1))},
		{"a number in a file's record", 1, "file_records", 2, set("embeddings.clip.vector", vector(0, 1, 1))},
		{"a number in an embedding", 1, "embedding_records", 3, set("vector", vector(3, 2, 1))},
		{"a file's record loses its vector, so that the embedding's counts", 1, "file_records", 2, set("embeddings", nil)},
		{"a vector that becomes too short", 1, "file_records", 1, set("embeddings.clip.vector", vector(1, 1))},
		{"a file that is removed", 1, "file_records", 3, nil},
	}
}

func webChanges() (docs map[string][]bson.D, changes []change) {
	docs = map[string][]bson.D{}
	for n := byte(1); n <= 4; n++ {
		v := vector(float64(n), 1, 0)
		docs["file_records"] = append(docs["file_records"], set("_id", id(n)))
		docs["embeddings"] = append(docs["embeddings"], bson.D{
			{Key: "_id", Value: id(n)}, {Key: "file_id", Value: id(n)},
			{Key: "embedding", Value: v}, {Key: "model", Value: "clip"},
		})
	}
	return docs, []change{
		{"another field", 0, "embeddings", 1, set("dimension", 3)},
		{"a reference by the hex text of the id", 0, "embeddings", 1, set("file_id", id(1).Hex())},
		{"a number", 1, "embeddings", 1, set("embedding", vector(0, 0, 1))},
		{"a vector that becomes too long", 1, "embeddings", 2, set("embedding", vector(0, 0, 1, 0))},
		{"a file that is removed", 1, "file_records", 3, nil},
		{"another model", 2, "embeddings", 4, set("model", "blip")},
	}
}

func TestAnIndexIsWrittenAgainOnlyWhenItDiffersFromTheDatabase(t *testing.T) {
	for l, library := range map[librarytest.Layout]func() (map[string][]bson.D, []change){
		librarytest.UCoreFS: desktopChanges, librarytest.Web: webChanges,
	} {
		t.Run(l.String(), func(t *testing.T) {
			docs, changes := library()
			b := taskstest.Of(t, l, librarytest.Raw(docs))
			b.Env.Options.IndexDir = t.TempDir()
			b.Run(databaseoptimization.Task())
			expectIndexes(t, b.Env.Options.IndexDir, vectors(b))
			for _, c := range changes {
				c.make(t, b)
				if _, done := b.Run(databaseoptimization.Task()); done.Counts["faissIndexesRebuilt"] != c.rebuilt {
					t.Errorf("%s: %d indexes were written, want %d", c.what, done.Counts["faissIndexesRebuilt"], c.rebuilt)
				}
				expectIndexes(t, b.Env.Options.IndexDir, vectors(b))
			}
		})
	}
}

func (c change) make(t *testing.T, b *taskstest.Bench) {
	t.Helper()
	var err error
	if docs := b.Server.DB.Collection(c.collection); c.set == nil {
		_, err = docs.DeleteOne(t.Context(), set("_id", id(c.file)))
	} else {
		_, err = docs.UpdateByID(t.Context(), id(c.file), set("$set", c.set))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Must fail when each source is read again to write the index.
func TestEachSourceIsReadOnceAndTheFilesOnceMoreOnlyWhereTheyHoldNoVectors(t *testing.T) {
	for l, want := range map[librarytest.Layout]map[string]int{
		librarytest.UCoreFS: {"file_records": 1, "embedding_records": 1},
		librarytest.Web:     {"file_records": 1, "embeddings": 1},
	} {
		t.Run(l.String(), func(t *testing.T) {
			b := clean(t, l, "")
			b.Run(databaseoptimization.Task()) // creates the indexes: before, duplicates are looked for
			b.Env.Options.IndexDir = t.TempDir()
			got := reads(b)
			if _, done := b.Run(databaseoptimization.Task()); done.Counts["faissIndexesRebuilt"] == 0 {
				t.Errorf("the counts are %v", done.Counts)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("readings (-want +got):\n%s", diff)
			}
		})
	}
}

// reads counts the finds of each collection from now on.
func reads(b *taskstest.Bench) map[string]int {
	got := map[string]int{}
	b.Before = func(c connection.Command) {
		if c.Name == "find" && c.Document.Lookup("limit").Type == 0 { // else it asks for the greatest _id
			got[c.Document.Lookup("find").StringValue()]++
		}
	}
	return got
}

// prepareWithoutDrafts plans while the index folder, a small one, can only be read, so that no vector is kept.
func prepareWithoutDrafts(t *testing.T, b *taskstest.Bench) tasks.Plan {
	t.Helper()
	mount, err := os.Open(b.Env.Options.IndexDir)
	if err != nil {
		t.Fatal(err)
	}
	defer mount.Close()
	change := func(attributes unix.MountAttr) {
		t.Helper()
		if err := unix.MountSetattr(int(mount.Fd()), "", unix.AT_EMPTY_PATH, &attributes); err != nil {
			t.Fatal(err)
		}
	}
	change(unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
	plan := b.Prepare(databaseoptimization.Task())
	change(unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY})
	return plan
}

// Must fail where vectors that could not be kept are taken for none.
func TestVectorsThatCouldNotBeKeptAreReadOnceMore(t *testing.T) {
	for l, want := range map[librarytest.Layout]map[string]int{
		librarytest.UCoreFS: {"file_records": 2, "embedding_records": 2},
		librarytest.Web:     {"file_records": 1, "embeddings": 2},
	} {
		t.Run(l.String(), func(t *testing.T) {
			b := clean(t, l, "")
			b.Run(databaseoptimization.Task())
			folder := faisstest.SmallFolder(t, 256<<10)
			b.Env.Options.IndexDir = strings.Replace(folder, "self", fmt.Sprint(os.Getpid()), 1) // for FAISS, in its own process
			got := reads(b)
			plan := prepareWithoutDrafts(t, b)
			if _, err := plan.Execute(t.Context(), b.Writer); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("readings (-want +got):\n%s", diff)
			}
			expectIndexes(t, b.Env.Options.IndexDir, vectors(b))
		})
	}
}

// Must fail where only so many drafts are written as there may be.
func TestEveryOfManyProvidersGetsItsIndex(t *testing.T) {
	const providers = 20 // more than there are drafts
	docs := map[string][]bson.D{"file_records": {set("_id", id(1))}}
	for n := range byte(providers) {
		docs["embeddings"] = append(docs["embeddings"], bson.D{
			{Key: "_id", Value: id(n)}, {Key: "file_id", Value: id(1)},
			{Key: "embedding", Value: vector(1, float64(n))}, {Key: "model", Value: fmt.Sprint("model-", n)},
		})
	}
	b := taskstest.Of(t, librarytest.Web, librarytest.Raw(docs))
	b.Env.Options.IndexDir = t.TempDir()
	if _, done := b.Run(databaseoptimization.Task()); done.Counts["faissIndexesRebuilt"] != providers {
		t.Errorf("the counts are %v", done.Counts)
	}
	expectIndexes(t, b.Env.Options.IndexDir, vectors(b))
}

func TestADamagedIndexIsWrittenAgain(t *testing.T) {
	folder := t.TempDir()
	b := clean(t, librarytest.UCoreFS, folder)
	b.Run(databaseoptimization.Task())
	if err := unix.Truncate(filepath.Join(folder, "clip.ids"), 50); err != nil {
		t.Fatal(err)
	}
	plan, done := b.Run(databaseoptimization.Task())
	if done.Counts["faissIndexesRebuilt"] != 1 {
		t.Errorf("the counts are %v", done.Counts)
	}
	expectText(t, strings.Join(plan.Sample, "\n"), "is damaged")
	expectIndexes(t, folder, vectors(b))
}

// Seen to fail without the look at the number of vectors before publishing.
func TestAnIndexIsNotReplacedByAnEmptyOneThatNobodyPlanned(t *testing.T) {
	folder := faisstest.SmallFolder(t, 256<<10)
	b := clean(t, librarytest.Web, folder)
	b.Run(databaseoptimization.Task())
	embeddings, all := b.Server.DB.Collection("embeddings"), set("model", "clip")
	other := set("$set", set("embedding", vector(1, 2, 3, 4, 5, 6, 7, 8)))
	if _, err := embeddings.UpdateMany(t.Context(), all, other); err != nil {
		t.Fatal(err)
	}
	want := snapshot(t, filepath.Join(folder, "clip.generations"))
	plan := prepareWithoutDrafts(t, b)
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
	for _, l := range taskstest.Layouts {
		t.Run(l.String(), func(t *testing.T) {
			folder := t.TempDir()
			b := clean(t, l, folder)
			b.Run(databaseoptimization.Task())
			want := snapshot(t, folder)
			if err := b.Server.DB.Collection("file_records").Drop(t.Context()); err != nil {
				t.Fatal(err)
			}
			plan, done := b.Run(databaseoptimization.Task())
			if done.Counts["faissIndexesRebuilt"] != 0 || len(want) != len(snapshot(t, folder)) {
				t.Errorf("the counts are %v", done.Counts)
			}
			warnings := strings.Join(plan.Warnings, "\n")
			expectText(t, warnings, "clip: the database has no vector that an index can hold, so the present index was left")
			expectText(t, warnings, " vectors of files that do not exist were left out")
		})
	}
}

// That nothing is replaced is what the tests of package faiss are about; here is what a person is told.
func TestWithoutRoomNothingIsReplacedAndTheErrorSaysWhatToDo(t *testing.T) {
	folder := faisstest.SmallFolder(t, 64<<10)
	b := clean(t, librarytest.UCoreFS, folder)
	b.Run(databaseoptimization.Task())
	more := make([]any, 3000)
	for i := range more {
		held := set("clip", set("vector", vector(1, 2, 3, 4, 5, 6, 7, float64(i))))
		more[i] = bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "embeddings", Value: held}}
	}
	if _, err := b.Server.DB.Collection("file_records").InsertMany(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	generation := filepath.Join(folder, "clip.generations", "current") + "/"
	before := snapshot(t, generation)
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
	if after := snapshot(t, generation); len(after) != 3 || len(before) != 3 {
		t.Errorf("the present generation was %v and is %v", before, after)
	}
}

// Seen to fail when an error while reading was taken for the end.
func TestARunThatIsStoppedReplacesNothing(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *taskstest.Bench) tasks.Plan{
		"before it publishes": func(_ *testing.T,
			b *taskstest.Bench) tasks.Plan {
			return b.Prepare(databaseoptimization.Task())
		},
		"while it reads": prepareWithoutDrafts,
	} {
		t.Run(name, func(t *testing.T) {
			folder := faisstest.SmallFolder(t, 256<<10)
			b := clean(t, librarytest.UCoreFS, "")
			b.Run(databaseoptimization.Task()) // nothing but index files is left to do
			b.Env.Options.IndexDir = folder
			plan := prepare(t, b)
			ctx, stop := context.WithCancel(t.Context())
			if name == "before it publishes" {
				stop()
			}
			b.Before = func(c connection.Command) {
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
		})
	}
}

func TestAnIndexFolderThatIsNotThereIsAnErrorThatSaysWhatToDo(t *testing.T) {
	b := clean(t, librarytest.UCoreFS, filepath.Join(t.TempDir(), "none"))
	_, err := databaseoptimization.Task().Prepare(t.Context(), b.Env)
	var task *tasks.Error
	if !errors.As(err, &task) || task.Reason != report.ReasonConfiguration || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("Prepare() = %v, want a configuration error", err)
	}
	expectText(t, err.Error(), "make the folder that --index-dir names")
}
