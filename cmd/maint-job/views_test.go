package main

import (
	"slices"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// A view cannot be written to, and a capped collection loses no document. What a task would change there is counted and
// named, and the rest is done. Seen to fail as Internal for views of tags, albums
// and files, with the rest not done.
func TestACollectionThatCannotBeWrittenStopsNothingElse(t *testing.T) {
	for kind, prepare := range map[string]func(*strict, *testing.T, string){"a view": (*strict).makeView,
		"capped": (*strict).makeCapped} {
		for _, collection := range []string{"tags", "albums", "file_records", "tasks"} {
			t.Run(collection+" is "+kind, func(t *testing.T) {
				t.Parallel()
				s := onStrict(t, strictmongo.Options{Form: strictmongo.ReplicaSet}, librarytest.UCoreFS)
				prepare(s, t, collection)
				var refused []string
				for _, task := range databaseTasks(t) {
					r := s.task(t, task)
					got := r.result(t)
					if got.Outcome == report.Succeeded {
						continue
					}
					refused = append(refused, task)
					r.want(t, jobspec.ExitPartial)
					named := strings.Contains(strings.Join(got.Warnings, "\n"), "the server refused to change "+collection)
					if got.Reason != report.ReasonServerRefused || !named {
						t.Errorf("%s: %s, %q", task, got.Reason, got.Warnings)
					}
				}
				if want := refusedOn[kind][collection]; !slices.Equal(refused, want) {
					t.Errorf("refused: %v, want %v", refused, want)
				}
			})
		}
	}
}

// refusedOn are the tasks that cannot do all of their work on a collection. A capped one takes new documents.
var refusedOn = map[string]map[string][]string{
	"a view": {"tags": ofTags, "albums": ofAlbums, "file_records": ofFiles,
		"tasks": {jobspec.CleanupOldRecords, jobspec.ReprocessIncompleteEmbeddings}},
	"capped": {"tags": ofTags, "albums": ofAlbums, "file_records": ofFiles, "tasks": {jobspec.CleanupOldRecords}},
}

var (
	ofTags   = []string{jobspec.RebuildAllCounts, jobspec.CleanupOrphanedRecords, jobspec.BackgroundCountVerification}
	ofAlbums = append(slices.Clone(ofTags), jobspec.CleanupOrphanedFileRecords)
	ofFiles  = []string{jobspec.RebuildAlbumReferences, jobspec.CleanupOrphanedRecords, jobspec.CleanupOrphanedFileRecords,
		jobspec.FixFileTypes, jobspec.ReprocessIncompleteEmbeddings}
)

// makeView puts a view in the place of a collection.
func (s *strict) makeView(t *testing.T, collection string) {
	t.Helper()
	s.moveTo(t, collection, collection+"_all")
	s.CreateCollection(t, s.library.Name, collection, strictmongo.CollectionOptions{ViewOn: collection + "_all"})
}

// makeCapped puts a capped collection in the place of a collection.
func (s *strict) makeCapped(t *testing.T, collection string) {
	t.Helper()
	s.moveTo(t, collection, "moved")
	s.CreateCollection(t, s.library.Name, collection, strictmongo.CollectionOptions{Capped: true})
	s.moveTo(t, "moved", collection)
}

// moveTo moves the documents of a collection, which is dropped, to another.
func (s *strict) moveTo(t *testing.T, from, to string) {
	t.Helper()
	var docs []any
	for _, doc := range s.library.Documents(t, from) {
		docs = append(docs, doc)
	}
	if err := s.library.DB.Collection(from).Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.library.DB.Collection(to).InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}
