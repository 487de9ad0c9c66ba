package databaseoptimization_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks/databaseoptimization"
)

// free makes room in the database's files that compaction can return, and allows that. FerretDB says how much only on
// SQLite; on PostgreSQL its figure is the size of the free space map, which is some pages where there is any room.
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
	b := clean(t, librarytest.UCoreFS, "")
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
	b := clean(t, librarytest.UCoreFS, "")
	free(t, b)
	b.Before = func(c connection.Command) {
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
	b := clean(t, librarytest.UCoreFS, "")
	free(t, b)
	b.Before = func(c connection.Command) { // drops it at the last moment, so that compacting it is refused
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
	if v := done.Verdict; v.Outcome != report.Partial || v.Reason != report.ReasonServerRefused {
		t.Errorf("the verdict is %v", v)
	}
	if done.Counts["indexesCreated"] == 0 {
		t.Errorf("the counts are %v", done.Counts)
	}
	expectText(t, done.Verdict.Message, "the server refuses compact of ")
}
