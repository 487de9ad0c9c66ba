package main

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// tagged is a library with a tag "beach" and one with a sub-document as its _id, and a file that refers to both of them
// in other forms: in capitals, and with a number of another type. Both tags count one file, as the application does
// where folds says that texts compare without their case.
func tagged(t *testing.T, folds bool) *strict {
	t.Helper()
	s := onEmpty(t, strictmongo.Options{Form: strictmongo.ReplicaSet})
	for _, name := range []string{"tags", "file_records"} {
		s.CreateCollection(t, s.library.Name, name, strictmongo.CollectionOptions{IgnoresCase: folds})
	}
	doc := func(n any) bson.D { return bson.D{{Key: "n", Value: n}} }
	tags := []any{
		bson.D{{Key: "_id", Value: "beach"}, {Key: "full_path", Value: "beach"}, {Key: "file_count", Value: int32(1)}},
		bson.D{{Key: "_id", Value: doc(int32(1))}, {Key: "full_path", Value: "one"}, {Key: "file_count", Value: int32(1)}},
	}
	if _, err := s.library.DB.Collection("tags").InsertMany(t.Context(), tags); err != nil {
		t.Fatal(err)
	}
	file := bson.D{{Key: "_id", Value: "f"}, {Key: "path", Value: s.disk + "/f.jpg"}, {Key: "is_virtual", Value: true},
		{Key: "tag_ids", Value: bson.A{"Beach", doc(int64(1))}}}
	if _, err := s.library.DB.Collection("file_records").InsertOne(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	return s
}

// No task loses what a default collation finds equal, and none counts it as nothing without a word. Seen to fail with
// the reference to "beach" removed, and with its counter set to 0.
func TestADefaultCollationIsRespectedOrNamed(t *testing.T) {
	for _, task := range databaseTasks(t) {
		t.Run(task, func(t *testing.T) {
			t.Parallel()
			s := tagged(t, true)
			before := s.documents(t)
			r := s.task(t, task, "--library=ucorefs")
			r.want(t, jobspec.ExitOK)
			if diff := librarytest.Diff(before, s.documents(t)); diff != "" {
				t.Errorf("it changed the library:\n%s", diff)
			}
			counts := task == jobspec.RebuildAllCounts || task == jobspec.BackgroundCountVerification
			if got := strings.Join(r.result(t).Warnings, "\n"); strings.Contains(got, "default collation") != counts {
				t.Errorf("the warnings are %q", got)
			}
			if task == jobspec.VerifyReferences && r.result(t).Counts["brokenTagRefs"] != 0 {
				t.Errorf("references that the application resolves count as broken: %s", r.out)
			}
		})
	}
}

// Without a default collation, the reference in capitals is dangling, and the sub-document leads to its tag all the
// same. Seen to fail with both dangling.
func TestASubDocumentIsAnIDWhateverTheTypeOfItsNumbers(t *testing.T) {
	s := tagged(t, false)
	if got := s.task(t, jobspec.VerifyReferences, "--library=ucorefs").result(t); got.Counts["brokenTagRefs"] != 1 {
		t.Errorf("%d broken references to tags, want that to Beach", got.Counts["brokenTagRefs"])
	}
	s.task(t, jobspec.RebuildAllCounts, "--library=ucorefs").want(t, jobspec.ExitOK)
	for id, doc := range s.library.Documents(t, "tags") {
		want := int64(1)
		if strings.Contains(id, "beach") {
			want = 0
		}
		if n, _ := doc.Lookup("file_count").AsInt64OK(); n != want {
			t.Errorf("the tag %s counts %d files, want %d", id, n, want)
		}
	}
}
