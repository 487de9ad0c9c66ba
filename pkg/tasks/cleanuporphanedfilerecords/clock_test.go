package cleanuporphanedfilerecords

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
)

// Seen to fail when the grace period counted by the pod's clock: the record went at the second run, minutes after the
// first.
func TestAPodWhoseClockIsAheadDeletesNothingEarly(t *testing.T) {
	l := newLab(t)
	l.crowd()
	l.keep("a")
	l.settle()
	l.remove("a")
	l.run()
	l.ahead, l.now = 31*day, l.now.Add(time.Minute)
	if l.run(); l.others() != "a" {
		t.Errorf("records %q", l.others())
	}
	l.ahead, l.now = -31*day, l.now.Add(7*day)
	if l.run(); l.others() != "" {
		t.Errorf("after the grace period, with a clock that is behind: records %q", l.others())
	}
}

// Seen to fail when such a note was believed: the file had to be missing for a year.
func TestANoteFromTheFutureIsMadeAnew(t *testing.T) {
	l := newLab(t)
	l.crowd()
	l.record("a")
	l.insert(mongodb.MissingCollection, bson.D{
		{Key: "_id", Value: "a"}, {Key: "path", Value: recorded + "/a"}, {Key: "run", Value: "other"},
		{Key: "first_seen", Value: l.now.Add(365 * day)},
	})
	l.run()
	l.now = l.now.Add(7 * day)
	if l.run(); l.others() != "" {
		t.Errorf("records %q", l.others())
	}
}
