package reprocessincompleteembeddings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// queued is the ids that pending tasks name, each task's in order.
func queued(docs librarytest.Docs) (lists [][]string) {
	for _, doc := range docs["tasks"] {
		if doc.Lookup("handler_name").StringValue() != "process_phase2_batch" ||
			doc.Lookup("status").StringValue() != "pending" {
			continue
		}
		args, _ := doc.Lookup("task_args").Array().Values()
		for _, arg := range args {
			lists = append(lists, strings.Split(arg.StringValue(), ","))
		}
	}
	return lists
}

// incomplete tells by the rule of the application whether a record must be processed once more.
func incomplete(doc bson.Raw) bool {
	state, _ := doc.Lookup("processing_state").AsInt64OK()
	_, err := doc.LookupErr("embeddings", "clip")
	kind, _ := doc.Lookup("file_type").StringValueOK()
	return kind == "image" && state >= 40 && err != nil
}

// isReset tells whether a record is as the application wants one that is to be processed.
func isReset(doc bson.Raw) bool {
	state, _ := doc.Lookup("processing_state").AsInt64OK()
	has, isBool := doc.Lookup("has_vector").BooleanOK()
	embeddings, isDoc := doc.Lookup("embeddings").DocumentOK()
	elements, _ := embeddings.Elements()
	return state == 10 && isBool && !has && isDoc && len(elements) == 0
}

// Seen to fail when the queue was not read: records that a pending task names already were reset and queued twice.
func TestEveryIncompleteImageIsResetAndQueuedOnce(t *testing.T) {
	seeds, total := taskstest.Numbers(t, 60), 0
	for _, seed := range seeds {
		b := taskstest.New(t, librarytest.Generate(seed, librarytest.Tiny))
		before := b.Read()
		already := slices.Concat(queued(before)...)
		want := map[string]bool{}
		for _, doc := range before["file_records"] {
			id, isObjectID := doc.Lookup("_id").ObjectIDOK()
			if isObjectID && incomplete(doc) && !slices.Contains(already, id.Hex()) {
				want[id.Hex()] = true
			}
		}
		total += len(want)
		plan, done := b.Run(Task())
		if plan.Counts["filesReset"] != int64(len(want)) || done.Counts["filesReset"] != int64(len(want)) {
			t.Errorf("seed %d: planned %v, done %v, want %d", seed, plan.Counts, done.Counts, len(want))
		}
		after := b.Read()
		fresh := queued(after)[len(queued(before)):]
		if got := slices.Sorted(slices.Values(slices.Concat(fresh...))); !slices.Equal(got, sorted(want)) {
			t.Errorf("seed %d: queued %v, want %v", seed, got, sorted(want))
		}
		for _, doc := range after["file_records"] {
			if id, ok := doc.Lookup("_id").ObjectIDOK(); ok && want[id.Hex()] && !isReset(doc) {
				t.Errorf("seed %d: %s was not reset", seed, doc)
			}
		}
		b.RunsAgainWithoutAWrite(Task())
	}
	if total < len(seeds)/3 {
		t.Fatalf("the libraries have %d incomplete images: this test proves nothing", total)
	}
}

func sorted(set map[string]bool) (list []string) {
	for id := range set {
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

// images is n images that were processed and have no embedding.
func images(n int) map[string][]bson.D {
	docs := map[string][]bson.D{}
	for i := range n {
		docs["file_records"] = append(docs["file_records"], bson.D{
			{Key: "_id", Value: bson.NewObjectID()}, {Key: "name", Value: fmt.Sprint(i)}, {Key: "file_type", Value: "image"},
			{Key: "has_vector", Value: true},
			{Key: "embeddings", Value: bson.D{{Key: "dino", Value: bson.D{{Key: "model", Value: "m"}}}}},
			{Key: "processing_state", Value: int32(100)},
		})
	}
	return docs
}

// The document in the queue has the fields, the order and the types of those in the application's own database.
func TestTheQueueHoldsWhatTheApplicationWouldHaveWritten(t *testing.T) {
	b := taskstest.Of(t, librarytest.UCoreFS, librarytest.Raw(images(45)))
	_, done := b.Run(Task())
	if done.Counts["tasksQueued"] != 3 || done.Counts["filesReset"] != 45 {
		t.Errorf("%v", done.Counts)
	}
	own := librarytest.Fixture(librarytest.Desktop)["tasks"][0]
	for _, doc := range b.Read()["tasks"] {
		if diff := cmp.Diff(shape(own), shape(doc)); diff != "" {
			t.Errorf("(-application's +ours):\n%s", diff)
		}
		ids := strings.Split(doc.Lookup("task_args", "0").StringValue(), ",")
		if name := fmt.Sprintf("Phase 2: Process %d files", len(ids)); len(ids) > 20 ||
			doc.Lookup("name").StringValue() != name ||
			doc.Lookup("created_at").AsInt64() != librarytest.DefaultNow.Unix() || doc.Lookup("priority").Int32() != 2 {
			t.Errorf("%s", doc)
		}
	}
}

// shape is the names and types of a document's fields; those that are null or not, by what happened, count as one.
func shape(doc bson.Raw) (fields []string) {
	elements, _ := doc.Elements()
	for _, e := range elements {
		kind := e.Value().Type.String()
		if slices.Contains([]string{"completed_at", "started_at"}, e.Key()) {
			kind = "null or number"
		}
		fields = append(fields, e.Key()+" "+kind)
	}
	return fields
}

// Wherever a run is killed, the next one leaves every record reset and named by exactly one pending task. Seen to fail
// when nothing was saved before a step: records that were queued and not yet reset were left alone for ever.
func TestARunKilledAtAnyWriteIsCompletedByTheNext(t *testing.T) {
	for at := 1; ; at++ {
		b := taskstest.Of(t, librarytest.UCoreFS, librarytest.Raw(images(45)))
		ctx, kill := context.WithCancelCause(t.Context())
		n := 0
		b.Before = func(c connection.Command) {
			if mongotest.Writes(c) {
				if n++; n == at {
					kill(errors.New("killed"))
				}
			}
		}
		plan := b.Prepare(Task())
		_, err := plan.Execute(ctx, b.Writer)
		killed := ctx.Err() != nil
		kill(nil)
		b.Before = nil
		if (err != nil) != killed {
			t.Fatalf("killed at write %d: %v", at, err)
		}
		b.Run(Task())
		names := map[string]int{}
		for _, id := range slices.Concat(queued(b.Read())...) {
			names[id]++
		}
		for _, doc := range b.Read()["file_records"] {
			if id := doc.Lookup("_id").ObjectID().Hex(); names[id] != 1 || !isReset(doc) {
				t.Errorf("killed at write %d: %s is named %d times; reset: %v", at, id, names[id], isReset(doc))
			}
		}
		b.RunsAgainWithoutAWrite(Task())
		if !killed {
			return
		}
	}
}
