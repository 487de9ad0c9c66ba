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
		if product(c) && waits && c.Body.Lookup("maxTimeMS").Type == 0 && c.Body.Lookup("writeConcern",
			"wtimeout").Type == 0 {
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

// A command that names its bound twice is refused by MongoDB. Seen to fail for what asks the server to group and to
// sample, which the driver gave a second bound where the run had one.
func TestNoCommandHasTwoBounds(t *testing.T) {
	s := onStrict(t, strictmongo.Options{Form: strictmongo.ReplicaSet, EstimateTimes: 1_000_000}, librarytest.UCoreFS)
	twice := map[string]bool{}
	var mu sync.Mutex
	s.Watch(func(c strictmongo.Command) *strictmongo.Fault {
		elements, _ := c.Body.Elements()
		seen := map[string]bool{}
		for _, e := range elements {
			if product(c) && seen[e.Key()] {
				mu.Lock()
				twice[c.Name+" "+c.Collection+": "+e.Key()] = true
				mu.Unlock()
			}
			seen[e.Key()] = true
		}
		return nil
	})
	for _, task := range databaseTasks(t) {
		s.task(t, task, "--timeout=1h")
		s.task(t, task, "--timeout=1h", "--dry-run")
	}
	s.job(t, "restore", "--run=never-was", "--timeout=1h")
	for command := range twice {
		t.Error(command)
	}
}
