package journal

import (
	"fmt"
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
		before, after bson.Raw
		current       bson.Raw
		want          Action
	}{
		"deleted, and still gone":                         {before, nil, nil, Insert},
		"deleted, but as it was: the run never came":      {before, nil, before, Nothing},
		"deleted, and made anew by another":               {before, nil, theirs, Conflict},
		"changed, and as the run left it":                 {before, after, after, Replace},
		"changed, but as it was: the run never came":      {before, after, before, Nothing},
		"changed, and changed again by another":           {before, after, theirs, Conflict},
		"changed, and deleted by another":                 {before, after, nil, Conflict},
		"the same number of another type is a change":     {before, after, doc(t, int64(2)), Conflict},
		"a change that changed nothing is undone by none": {before, before, before, Nothing},
	} {
		t.Run(name, func(t *testing.T) {
			if got := NewEntry(c.before, c.after).Undo(c.current); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestUndoingCountsAndNamesAFewConflicts(t *testing.T) {
	var u Undoing
	for i, a := range []Action{Insert, Replace, Replace, Nothing} {
		u.Add(fmt.Sprint("never named ", i), a)
	}
	for i := range 12 {
		u.Add(fmt.Sprint("albums ", i), Conflict)
	}
	done := u.Done()
	if len(done.Sample) != 10 || done.Sample[0] != "albums 0" {
		t.Errorf("named: %q", done.Sample)
	}
	done.Sample = nil
	if diff := cmp.Diff(Restored{Entries: 16, Inserted: 1, Replaced: 2, Unchanged: 1, Conflicts: 12}, done); diff != "" {
		t.Error(diff)
	}
}

// A document with several entries is judged by all of them. Seen to fail when each entry was judged alone.
func TestADocumentThatTheRunChangedTwice(t *testing.T) {
	first, second, third, theirs := doc(t, int32(1)), doc(t, int32(2)), doc(t, int32(3)), doc(t, int32(4))
	changed := []Entry{NewEntry(second, third), NewEntry(first, second)}
	deleted := []Entry{NewEntry(second, nil), NewEntry(first, second)}
	for name, c := range map[string]struct {
		entries []Entry // the last one first
		current bson.Raw
		want    Restored
	}{
		"changed twice":                      {changed, third, Restored{Entries: 2, Replaced: 2}},
		"changed, then deleted":              {deleted, nil, Restored{Entries: 2, Inserted: 1, Replaced: 1}},
		"restored already":                   {changed, first, Restored{Entries: 2, Unchanged: 2}},
		"restored already, after a deletion": {deleted, first, Restored{Entries: 2, Unchanged: 2}},
		"restored in part":                   {changed, second, Restored{Entries: 2, Unchanged: 1, Replaced: 1}},
		"written since":                      {changed, theirs, Restored{Entries: 2, Conflicts: 2, Sample: []string{"d"}}},
		"made anew since":                    {deleted, theirs, Restored{Entries: 2, Conflicts: 2, Sample: []string{"d"}}},
		"another wrote between the run's changes": {[]Entry{NewEntry(theirs, third), NewEntry(first, second)}, third,
			Restored{Entries: 2, Replaced: 1, Conflicts: 1, Sample: []string{"d"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var u Undoing
			for _, e := range c.entries {
				u.Add("d", u.Foresee("d", e, DigestOf(c.current)))
			}
			if diff := cmp.Diff(c.want, u.Done()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
