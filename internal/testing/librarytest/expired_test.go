package librarytest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestExpired(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	old, recent := now.AddDate(0, 0, -31), now.AddDate(0, 0, -30)
	for name, c := range map[string]struct {
		status, at any
		want       bool
	}{
		"a completed task goes":                  {"completed", int32(old.Unix()), true},
		"a failed task goes":                     {"failed", old.Unix(), true},
		"a task that is exactly as old stays":    {"completed", recent.Unix(), false},
		"a second more is too old":               {"completed", recent.Unix() - 1, true},
		"a running task stays":                   {"running", old.Unix(), false},
		"a quarantined task stays":               {"quarantined", old.Unix(), false},
		"a task without a status stays":          {absent{}, old.Unix(), false},
		"milliseconds are told from seconds":     {"completed", old.UnixMilli(), true},
		"a date is a time":                       {"completed", bson.NewDateTimeFromTime(old), true},
		"a double is a time":                     {"completed", float64(old.Unix()) + 0.5, true},
		"text without a zone is in UTC":          {"completed", "2026-10-27T11:59:59.5", true},
		"text that is not older stays":           {"completed", "2026-10-27T12:00:00", false},
		"text that is no time stays":             {"completed", "yesterday", false},
		"zero is no time":                        {"completed", int64(0), false},
		"a time before the year 2000 is no time": {"completed", int64(900_000_000), false},
		"null is no time":                        {"completed", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			docs := Raw(collections{tasks: {document("_id", int32(1), "status", c.status, "created_at", c.at)}})
			if got := len(UCoreFS.Expired(docs, now, 30, 90)[tasks]) == 1; got != c.want {
				t.Errorf("expired is %v, want %v", got, c.want)
			}
		})
	}
}

func TestTheJournalHasAgesOfItsOwn(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	old := bson.NewDateTimeFromTime(now.AddDate(0, 0, -60))
	docs := Raw(collections{
		taskRecords:   {document("_id", int32(1), "status", "failed", "created_at", old)},
		journalEvents: {document("_id", int32(1), "timestamp", old)},
	})
	want := map[string][]string{taskRecords: {"n1"}}
	if diff := cmp.Diff(want, Web.Expired(docs, now, 30, 90)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = map[string][]string{journalEvents: {"n1"}}
	if diff := cmp.Diff(want, Web.Expired(docs, now, 90, 30)); diff != "" {
		t.Errorf("with the ages exchanged (-want +got):\n%s", diff)
	}
}
