package databaseoptimization_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/pkg/librarytest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
	"ucorefs.io/maintenance/pkg/tasks/taskstest"
)

// create makes an index behind the product's back.
func create(t *testing.T, b *taskstest.Bench, collection, name string, unique bool, keys ...string) {
	t.Helper()
	fields := bson.D{}
	for _, key := range keys {
		fields = append(fields, bson.E{Key: key, Value: 1})
	}
	o := options.Index().SetName(name)
	if unique {
		o.SetUnique(true)
	}
	if _, err := b.Server.DB.Collection(collection).Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: fields, Options: o}); err != nil {
		t.Fatal(err)
	}
}

// indexNames are the indexes of a collection, as the server lists them, sorted.
func indexNames(t *testing.T, b *taskstest.Bench, collection string) (names []string) {
	t.Helper()
	list, err := b.Server.DB.Collection(collection).Indexes().ListSpecifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range list {
		names = append(names, index.Name)
	}
	slices.Sort(names)
	return names
}

func TestMissingIndexesAreCreatedAndNoneIsDropped(t *testing.T) {
	b := clean(t, "")
	create(t, b, "file_records", "by_folder", false, "parent_id")      // the declared one by another name
	create(t, b, "file_records", "mine", false, "rating", "extension") // nobody's
	create(t, b, "file_records", "root_id_1", false, "name")           // the declared name over another field
	create(t, b, "directory_records", "path_1", true, "path")          // the declared one, but unique
	plan, done := b.Run(databaseoptimization.Task())
	if done.Counts["indexesCreated"] != 11 || done.Counts["indexesConflicting"] != 2 {
		t.Errorf("the counts are %v", done.Counts)
	}
	want := []string{"_id_", "album_ids_1", "by_folder", "mine", "path_1", "root_id_1", "tag_ids_1"}
	if diff := cmp.Diff(want, indexNames(t, b, "file_records")); diff != "" {
		t.Errorf("the indexes of file_records (-want +got):\n%s", diff)
	}
	expectText(t, strings.Join(plan.Sample, "\n"), "leave the index file_records.mine, which is not declared")
	expectText(t, strings.Join(plan.Warnings, "\n"), "file_records: the index root_id_1 should be over root_id, but the server has root_id_1 over name")
	expectText(t, strings.Join(plan.Warnings, "\n"), "directory_records: the index path_1 should be over path, but the server has path_1 over path, unique")
	b.RunsAgainWithoutAWrite(databaseoptimization.Task())
}

// Seen to fail when nobody looked for duplicates before: every run tried, and none said which documents.
func TestDuplicatesThatBlockAUniqueIndexAreListedAndTheRunGoesOn(t *testing.T) {
	folder := t.TempDir()
	b := clean(t, folder)
	twice := b.Read()["embeddings"][0].Lookup("file_id").ObjectID()
	addEmbedding(t, b, twice)
	plan, done := b.Run(databaseoptimization.Task())
	if done.Counts["indexesConflicting"] != 1 || done.Counts["indexesCreated"] != 13 || done.Counts["faissIndexesRebuilt"] == 0 || done.Verdict != nil {
		t.Errorf("the counts are %v, the verdict is %v", done.Counts, done.Verdict)
	}
	expectText(t, strings.Join(plan.Warnings, "\n"), "embeddings: the unique index provider_1_file_id_1 cannot be created, since 1 documents repeat the provider and file_id of another")
	expectText(t, strings.Join(plan.Warnings, "\n"), twice.Hex())
	b.RunsAgainWithoutAWrite(databaseoptimization.Task())
}

func addEmbedding(t *testing.T, b *taskstest.Bench, file bson.ObjectID) {
	t.Helper()
	doc := bson.D{{Key: "provider", Value: "clip"}, {Key: "file_id", Value: file}, {Key: "vector", Value: []float64{1, 2, 3, 4, 5, 6, 7, 8}}}
	if _, err := b.Server.DB.Collection("embeddings").InsertOne(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
}

// Seen to fail when a unique index that cannot be created ended the run.
func TestDuplicatesThatAreWrittenAfterThePlanDoNotEndTheRunEither(t *testing.T) {
	b := clean(t, "")
	plan := b.Prepare(databaseoptimization.Task())
	addEmbedding(t, b, b.Read()["embeddings"][0].Lookup("file_id").ObjectID())
	done, err := plan.Execute(t.Context(), b.Writer)
	if err != nil || done.Counts["indexesConflicting"] != 1 || done.Counts["indexesCreated"] != 13 {
		t.Errorf("Execute() = %v, %v", done.Counts, err)
	}
	expectText(t, strings.Join(done.Warnings, "\n"), "cannot be created")
}

func TestAnEmptyDatabaseStaysEmptyButForTheLock(t *testing.T) {
	b := taskstest.New(t, librarytest.GenerateWith(1, librarytest.Options{}))
	b.Env.Options.IndexDir = t.TempDir()
	if _, done := b.Run(databaseoptimization.Task()); done.Counts["indexesCreated"] != 0 {
		t.Errorf("the counts are %v", done.Counts)
	}
	names, err := b.Server.DB.ListCollectionNames(t.Context(), bson.D{})
	if err != nil || !slices.Equal(names, []string{mongodb.LocksCollection}) {
		t.Errorf("the collections are %v, %v", names, err)
	}
}

// free makes room in the database's files that compaction can return, and allows that. FerretDB says how much only on SQLite; on
// PostgreSQL its figure is the size of the free space map, which is some pages where there is any room.
func free(t *testing.T, b *taskstest.Bench) {
	t.Helper()
	journal := b.Server.DB.Collection(mongodb.JournalCollection)
	docs := make([]bson.D, 1000)
	for i := range docs {
		docs[i] = bson.D{{Key: "_id", Value: i}, {Key: "text", Value: strings.Repeat("x", 1000)}}
	}
	if _, err := journal.InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.DeleteMany(t.Context(), bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: 5}}}}); err != nil {
		t.Fatal(err)
	}
	b.Env.Options.CompactThresholdMB, b.Env.Options.CompactPrimary = 0, true
}

func TestWhatCompactionReallyFreedIsReported(t *testing.T) {
	b := clean(t, "")
	free(t, b)
	plan, done := b.Run(databaseoptimization.Task())
	if done.Counts["collectionsCompacted"] == 0 || done.Counts["bytesFreed"] < 500_000 {
		t.Errorf("planned %v, done %v", plan.Counts, done.Counts)
	}
	expectText(t, done.Message, "collections compacted: ")
	b.RunsAgainWithoutAWrite(databaseoptimization.Task())
}

// Seen to fail when compact was sent whatever would come back and whoever had to wait.
func TestBelowTheThresholdOrWithoutLeaveNothingIsCompacted(t *testing.T) {
	b := clean(t, "")
	free(t, b)
	b.Before = func(c mongodb.Command) {
		if c.Name == "compact" {
			t.Errorf("compact was sent: %v", c.Document)
		}
	}
	b.Env.Options.CompactThresholdMB = 100
	b.Run(databaseoptimization.Task())
	b.Env.Options.CompactThresholdMB, b.Env.Options.CompactPrimary = 0, false
	plan, _ := b.Run(databaseoptimization.Task())
	expectText(t, strings.Join(plan.Warnings, "\n"), "allow it here with --compact-primary")
}

// Seen to fail when a refusal was an error of the run.
func TestWhatTheServerRefusesIsNamedAndTheRestIsDone(t *testing.T) {
	b := clean(t, "")
	free(t, b)
	b.Before = func(c mongodb.Command) { // drops it at the last moment, so that compacting it is refused
		if c.Name == "compact" {
			if err := b.Server.DB.Collection(c.Document.Lookup("compact").StringValue()).Drop(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	plan := b.Prepare(databaseoptimization.Task())
	done, err := plan.Execute(t.Context(), b.Writer)
	if err != nil || done.Verdict == nil {
		t.Fatalf("Execute() = %v, %v", done, err)
	}
	if done.Verdict.Outcome != report.Partial || done.Verdict.Reason != report.ReasonServerRefused || done.Counts["indexesCreated"] == 0 {
		t.Errorf("the verdict is %v, the counts are %v", done.Verdict, done.Counts)
	}
	expectText(t, done.Verdict.Message, "the server refuses compact of ")
}

func TestAServerThatIsAwayIsNoRefusal(t *testing.T) {
	b := clean(t, "")
	if err := b.DB.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var refused *mongodb.RefusedError
	if _, err := databaseoptimization.Task().Prepare(t.Context(), b.Env); err == nil || errors.As(err, &refused) {
		t.Errorf("Prepare() = %v", err)
	}
}
