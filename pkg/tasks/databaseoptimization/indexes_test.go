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

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
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
	index := mongo.IndexModel{Keys: fields, Options: o}
	if _, err := b.Server.DB.Collection(collection).Indexes().CreateOne(t.Context(), index); err != nil {
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
	b := clean(t, librarytest.UCoreFS, "")
	create(t, b, "file_records", "by_folder", false, "parent_id")            // the declared one by another name
	create(t, b, "file_records", "mine", false, "rating", "extension")       // nobody's
	create(t, b, "file_records", "root_id_1", false, "name")                 // the declared name over another field
	create(t, b, "directory_records", "path_1", true, "path")                // the declared one, and unique besides
	create(t, b, "embedding_records", "pairs", false, "file_id", "provider") // the declared one, but not unique
	plan, done := b.Run(databaseoptimization.Task())
	if done.Counts["indexesCreated"] != indexesOf(b)-4 || done.Counts["indexesConflicting"] != 2 {
		t.Errorf("the counts are %v", done.Counts)
	}
	want := []string{"_id_", "album_ids_1", "by_folder", "mine", "path_1", "root_id_1", "tag_ids_1"}
	if diff := cmp.Diff(want, indexNames(t, b, "file_records")); diff != "" {
		t.Errorf("the indexes of file_records (-want +got):\n%s", diff)
	}
	expectText(t, strings.Join(plan.Sample, "\n"), "leave the indexes that are not declared: file_records.mine")
	warnings := strings.Join(plan.Warnings, "\n")
	expectText(t, warnings, "file_records: the index root_id_1 should be over root_id, "+
		"but the server has root_id_1 over name")
	expectText(t, warnings, "embedding_records: the index file_id_1_provider_1 should be over file_id, provider, unique, "+
		"but the server has pairs over file_id, provider")
	b.RunsAgainWithoutAWrite(databaseoptimization.Task())
}

// The web application makes unique indexes when it starts. Seen to fail when a unique index was no index over its
// fields.
func TestTheWebApplicationsUniqueIndexesAreNoConflict(t *testing.T) {
	b := taskstest.Of(t, librarytest.Web, nil)
	if err := b.Layout.CreateCollections(t.Context(), b.Server.DB); err != nil {
		t.Fatal(err)
	}
	if err := librarytest.GenerateWith(1, cleanOptions(b.Layout)).Insert(t.Context(), b.Server.DB); err != nil {
		t.Fatal(err)
	}
	b.Env.Library.Indexes[0].Indexes[0].Unique = false // of paths; an administrator may ask for less
	unique := int64(5)                                 // two of paths, two of names, that of file_id
	plan, done := b.Run(databaseoptimization.Task())
	if n := indexesOf(b) - unique; done.Counts["indexesCreated"] != n || done.Counts["indexesConflicting"] != 0 {
		t.Errorf("the counts are %v, want %d indexes", done.Counts, n)
	}
	if len(plan.Warnings) > 0 {
		t.Errorf("the warnings are %q", plan.Warnings)
	}
	if diff := cmp.Diff([]string{"_id_", "parent_id_1", "path_1"}, indexNames(t, b, "file_records")); diff != "" {
		t.Errorf("the indexes of file_records (-want +got):\n%s", diff)
	}
	b.RunsAgainWithoutAWrite(databaseoptimization.Task())
}

// Seen to fail when nobody looked for duplicates before: every run tried, and none said which documents.
func TestDuplicatesThatBlockAUniqueIndexAreListedAndTheRunGoesOn(t *testing.T) {
	for l, c := range map[librarytest.Layout]struct{ collection, says string }{
		librarytest.UCoreFS: {"embedding_records", "the unique index file_id_1_provider_1 cannot be created, " +
			"since 1 documents repeat the file_id and provider of another"},
		librarytest.Web: {"embeddings", "the unique index file_id_1 cannot be created, " +
			"since 1 documents repeat the file_id of another"},
	} {
		t.Run(l.String(), func(t *testing.T) {
			b := clean(t, l, t.TempDir())
			twice := again(t, b, c.collection)
			plan, done := b.Run(databaseoptimization.Task())
			if done.Counts["indexesConflicting"] != 1 || done.Counts["indexesCreated"] != indexesOf(b)-1 {
				t.Errorf("the counts are %v", done.Counts)
			}
			if done.Counts["faissIndexesRebuilt"] == 0 || done.Verdict != nil {
				t.Errorf("the counts are %v, the verdict is %v", done.Counts, done.Verdict)
			}
			expectText(t, strings.Join(plan.Warnings, "\n"), c.collection+": "+c.says)
			expectText(t, strings.Join(plan.Warnings, "\n"), twice.Lookup("file_id").ObjectID().Hex())
			b.RunsAgainWithoutAWrite(databaseoptimization.Task())
		})
	}
}

// again stores a document of a collection once more, under another id.
func again(t *testing.T, b *taskstest.Bench, collection string) bson.Raw {
	t.Helper()
	doc := librarytest.With(b.Read()[collection][0], "_id", bson.NewObjectID())
	if _, err := b.Server.DB.Collection(collection).InsertOne(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// Seen to fail when a unique index that cannot be created ended the run.
func TestDuplicatesThatAreWrittenAfterThePlanDoNotEndTheRunEither(t *testing.T) {
	b := clean(t, librarytest.UCoreFS, "")
	plan := b.Prepare(databaseoptimization.Task())
	again(t, b, "embedding_records")
	done, err := plan.Execute(t.Context(), b.Writer)
	if err != nil || done.Counts["indexesConflicting"] != 1 || done.Counts["indexesCreated"] != indexesOf(b)-1 {
		t.Errorf("Execute() = %v, %v", done.Counts, err)
	}
	expectText(t, strings.Join(done.Warnings, "\n"), "cannot be created")
}

func TestAServerThatIsAwayIsNoRefusal(t *testing.T) {
	b := clean(t, librarytest.UCoreFS, "")
	if err := b.DB.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var refused *connection.RefusedError
	if _, err := databaseoptimization.Task().Prepare(t.Context(), b.Env); err == nil || errors.As(err, &refused) {
		t.Errorf("Prepare() = %v", err)
	}
}
