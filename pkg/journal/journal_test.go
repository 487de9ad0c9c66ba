package journal

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func doc(t *testing.T, v any) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: v}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestUndo(t *testing.T) {
	before, after, theirs := doc(t, int32(1)), doc(t, int32(2)), doc(t, int32(3))
	for name, c := range map[string]struct {
		entry   Entry
		current bson.Raw
		want    Action
	}{
		"deleted, and still gone":                         {Entry{Before: before}, nil, Insert},
		"deleted, but as it was: the run never came":      {Entry{Before: before}, before, Nothing},
		"deleted, and made anew by another":               {Entry{Before: before}, theirs, Conflict},
		"changed, and as the run left it":                 {Entry{Before: before, After: after}, after, Replace},
		"changed, but as it was: the run never came":      {Entry{Before: before, After: after}, before, Nothing},
		"changed, and changed again by another":           {Entry{Before: before, After: after}, theirs, Conflict},
		"changed, and deleted by another":                 {Entry{Before: before, After: after}, nil, Conflict},
		"the same number of another type is a change":     {Entry{Before: before, After: after}, doc(t, int64(2)), Conflict},
		"a change that changed nothing is undone by none": {Entry{Before: before, After: before}, before, Nothing},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.entry.Undo(c.current); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestRestoredCountsAndNamesAFewConflicts(t *testing.T) {
	var r Restored
	for _, a := range []Action{Insert, Replace, Replace, Nothing} {
		r.Add(a, "never named")
	}
	for range 12 {
		r.Add(Conflict, "albums 1")
	}
	if len(r.Sample) != 10 {
		t.Errorf("%d conflicts are named", len(r.Sample))
	}
	r.Sample = nil
	if diff := cmp.Diff(Restored{Entries: 16, Inserted: 1, Replaced: 2, Unchanged: 1, Conflicts: 12}, r); diff != "" {
		t.Error(diff)
	}
}
