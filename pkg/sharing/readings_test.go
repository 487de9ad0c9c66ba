package sharing_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// manyWrong is a library of which more counters are wrong than a filter may name, so that both readings are of all.
func manyWrong() librarytest.Library {
	return librarytest.GenerateWith(5, librarytest.Options{
		Layout: librarytest.UCoreFS, Prefix: "/library", Roots: 1, Directories: 5, Files: 200, Tags: 1100, Albums: 3,
		Drift: 1,
	})
}

func TestBothReadingsAreShared(t *testing.T) {
	b, single := benchOf(t, manyWrong()), benchOf(t, manyWrong())
	leader, rest, _ := b.share(t, jobspec.RebuildAllCounts, team(2, time.Minute)...)
	b.equals(t, single, jobspec.RebuildAllCounts, leader, rest)
}

// The leader dies before it writes. The application then adds a file and counts it. The leader that follows knows an
// old count from both readings, and must not write it. Seen to fail where it went on with the second reading as well.
func TestACounterThatChangedBeforeALeaderFollowedStaysRight(t *testing.T) {
	b := benchOf(t, manyWrong())
	died, _, _ := b.run(t.Context(), jobspec.RebuildAllCounts, process{of: 2, noWrite: true})
	if died.Reason != report.ReasonInterrupted {
		t.Fatalf("the first leader ended as %s %s: %s", died.Outcome, died.Reason, died.Message)
	}
	tag, want := b.addFile(t)
	next, _, _ := b.run(t.Context(), jobspec.RebuildAllCounts, process{of: 2})
	if next.Outcome != report.Succeeded {
		t.Errorf("the next leader ended as %s: %s", next.Outcome, next.Message)
	}
	var now struct {
		Count int64 `bson:"file_count"`
	}
	if err := b.DB.Collection("tags").FindOne(t.Context(), bson.D{{Key: "_id", Value: tag}}).Decode(&now); err != nil {
		t.Fatal(err)
	}
	if now.Count != want {
		t.Errorf("the tag has the count %d, and it was right with %d", now.Count, want)
	}
}

// addFile adds a file with a tag, and counts it there.
func (b *bench) addFile(t *testing.T) (tag any, count int64) {
	t.Helper()
	var first struct {
		ID any `bson:"_id"`
	}
	tags, files := b.DB.Collection("tags"), b.DB.Collection("file_records")
	if err := tags.FindOne(t.Context(), bson.D{}).Decode(&first); err != nil {
		t.Fatal(err)
	}
	holds := bson.D{{Key: "tag_ids", Value: first.ID}}
	file := bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "path", Value: "/library/new.jpg"},
		{Key: "tag_ids", Value: bson.A{first.ID}}}
	if _, err := files.InsertOne(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	cursor, err := files.Find(t.Context(), holds)
	var holders []bson.Raw
	if err == nil {
		err = cursor.All(t.Context(), &holders)
	}
	if err == nil {
		set := bson.D{{Key: "$set", Value: bson.D{{Key: "file_count", Value: int64(len(holders))}}}}
		_, err = tags.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: first.ID}}, set)
	}
	if err != nil {
		t.Fatal(err)
	}
	return first.ID, int64(len(holders))
}
