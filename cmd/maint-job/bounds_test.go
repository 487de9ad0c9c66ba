package main

import (
	"sync"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

// What waits for a majority of the members, and the query of an album, whose cost nobody knows, must say how long the
// server may take. Seen to fail for the writes of checkpoints, restored documents, new tasks and indexes, and for the
// counts.
func TestNothingThatMayWaitForEverIsSentWithoutABound(t *testing.T) {
	s := onStrict(t, strictmongo.Options{Form: strictmongo.ReplicaSet}, librarytest.UCoreFS)
	unbounded := map[string]bool{}
	var mu sync.Mutex
	s.Watch(func(c strictmongo.Command) *strictmongo.Fault {
		waits := c.Body.Lookup("writeConcern", "w").Type != 0 || c.Name == "aggregate"
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
