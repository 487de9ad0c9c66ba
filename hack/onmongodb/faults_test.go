package onmongodb

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// A command of each kind fails once, with an error that passes or with its connection cut. The run, or the next one,
// ends where an undisturbed run does. The server needs enableTestCommands=1.
// https://github.com/mongodb/mongo/wiki/The-%22failCommand%22-fail-point
func TestFailPoints(t *testing.T) {
	address := uri(t)
	undisturbed := newLab(t, address)
	undisturbed.ends(t, jobspec.CleanupOrphanedRecords, undisturbed.start(t, jobspec.CleanupOrphanedRecords))
	want := undisturbed.read(t)
	fail := func(mode any, data bson.D) bson.D {
		return bson.D{{Key: "configureFailPoint", Value: "failCommand"}, {Key: "mode", Value: mode},
			{Key: "data", Value: data}}
	}
	for i, command := range []string{"find", "insert", "update", "delete", "listCollections"} {
		how := []bson.E{{Key: "closeConnection", Value: true}, {Key: "errorCode", Value: 11602},
			{Key: "errorCode", Value: 91}}[i%3]
		data := bson.D{{Key: "failCommands", Value: bson.A{command}}, {Key: "appName", Value: connection.DefaultAppName}, how}
		l := newLab(t, address)
		if !l.admin(t, fail(bson.D{{Key: "times", Value: 2}}, data)) { // a retry of the driver meets the second
			return
		}
		l.ends(t, jobspec.CleanupOrphanedRecords, l.start(t, jobspec.CleanupOrphanedRecords))
		l.admin(t, fail("off", bson.D{}))
		if diff := librarytest.Diff(want, l.read(t)); diff != "" {
			t.Errorf("%s fails with %s: it left another library:\n%s", command, fmt.Sprint(how), diff)
		}
	}
}

// The primary steps down while a run is under way. The run, or the next one, ends where an undisturbed run does.
func TestStepDown(t *testing.T) {
	address := uri(t)
	undisturbed := newLab(t, address)
	undisturbed.ends(t, jobspec.RebuildAllCounts, undisturbed.start(t, jobspec.RebuildAllCounts))
	l := newLab(t, address)
	run := l.start(t, jobspec.RebuildAllCounts)
	l.admin(t, bson.D{{Key: "replSetStepDown", Value: 10}, {Key: "secondaryCatchUpPeriodSecs", Value: 5}})
	l.ends(t, jobspec.RebuildAllCounts, run)
	if diff := librarytest.Diff(undisturbed.read(t), l.read(t)); diff != "" {
		t.Errorf("it left another library:\n%s", diff)
	}
}
