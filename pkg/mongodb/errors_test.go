package mongodb

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
)

// A stored query is at fault for ever, so that what it counts is left alone; what passes must fail the run, which is made again.
func TestWhatPassesIsNotTheFaultOfAQuery(t *testing.T) {
	for code, c := range map[int32]struct {
		name               string
		fault, unreachable bool
	}{
		2:     {"BadValue", true, false},
		9:     {"FailedToParse", true, false},
		13:    {"Unauthorized", false, false},
		50:    {"MaxTimeMSExpired, the server's own limit", true, false},
		51091: {"an invalid regular expression", true, false},
		112:   {"WriteConflict", false, true},
		175:   {"QueryPlanKilled", false, true},
		237:   {"CursorKilled", false, true},
		262:   {"ExceededTimeLimit", false, true},
		11601: {"Interrupted", false, true},
		11602: {"InterruptedDueToReplStateChange", false, true},
	} {
		err := fmt.Errorf("count: %w", mongo.CommandError{Code: code})
		if isQueryFault(err) != c.fault || IsUnreachable(err) != c.unreachable {
			t.Errorf("%d, %s: the query's fault: %v, unreachable: %v", code, c.name, isQueryFault(err), IsUnreachable(err))
		}
	}
}
