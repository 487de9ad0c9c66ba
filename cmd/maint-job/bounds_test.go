package main

import (
	"sync"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

// What waits for a majority of the members, and the query of an album, whose cost nobody knows, must say how long the
// server may take. Seen to fail for the writes of checkpoints, restored documents, new tasks and indexes, and for the
// counts, the samples of ids, and the journal's indexes, which waited for every member.
func TestNothingThatMayWaitForEverIsSentWithoutABound(t *testing.T) {
	// Large collections are read in ranges.
	s := onStrict(t, strictmongo.Options{Form: strictmongo.ReplicaSet, EstimateTimes: 1_000_000}, librarytest.UCoreFS)
	unbounded := map[string]bool{}
	var mu sync.Mutex
	s.Watch(func(c strictmongo.Command) *strictmongo.Fault {
		waits := c.Body.Lookup("writeConcern", "w").Type != 0 || c.Name == "aggregate"
		quorum, _ := c.Body.Lookup("commitQuorum").StringValueOK()
		if product(c) && c.Name == "createIndexes" && quorum != "majority" {
			t.Errorf("an index of %s waits for every member", c.Collection)
		}
		if product(c) && waits && c.Body.Lookup("maxTimeMS").Type == 0 && c.Body.Lookup("writeConcern", "wtimeout").Type == 0 {
			mu.Lock()
			unbounded[c.Name+" "+c.Collection] = true
			mu.Unlock()
		}
		return nil
	})
	s.everything(t)
	for command := range unbounded {
		t.Errorf("%s has no maxTimeMS: do it in connection.Confirm", command)
	}
}
