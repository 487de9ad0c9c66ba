package main

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// What a server is, or lacks, is said in one sentence, and at once: none of these goes away by waiting. Seen to fail
// for two minutes and as unreachable.
func TestAServerThatCannotBeWorkedWithIsNamedAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		server  strictmongo.Options
		options string // of the connection string
		code    int
		says    string
	}{
		"an old server": {strictmongo.Options{WireVersion: 6}, "", jobspec.ExitConfig,
			"MongoDB 4.4 and later work"},
		"only the Stable API": {strictmongo.Options{RequireAPIVersion: true}, "", jobspec.ExitConfig,
			"set requireApiVersion to false"},
		"no retryable writes": {strictmongo.Options{Form: strictmongo.DocumentDB}, "?retryWrites=true",
			jobspec.ExitConfig, "add retryWrites=false"},
		"another replica set": {strictmongo.Options{Form: strictmongo.ReplicaSet}, "?replicaSet=rs1", jobspec.ExitConfig,
			"check replicaSet and the hosts"},
		"no replica set": {strictmongo.Options{}, "?replicaSet=rs1", jobspec.ExitConfig,
			"check replicaSet and the hosts"},
		"no load balancer": {strictmongo.Options{Form: strictmongo.ReplicaSet}, "?loadBalanced=true",
			jobspec.ExitConfig, "remove loadBalanced=true"},
		"a majority is not there": {strictmongo.Options{Form: strictmongo.ReplicaSet, NoMajority: true}, "",
			jobspec.ExitTemporary, "a member is down or lags behind"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := strictmongo.Start(t, c.server)
			s.CreateCollection(t, "library", "file_records", strictmongo.CollectionOptions{})
			uri := s.URI + "library" + c.options
			r := job(t, map[string]string{"MONGODB_URI": uri}, "run", "rebuild-all-counts", "--output=json", "--timeout=5m",
				"--library=ucorefs")
			if got := r.result(t); r.code != c.code || !strings.Contains(got.Message, c.says) || got.DurationSeconds > 30 {
				t.Errorf("exit code %d after %.1f s: %s", r.code, got.DurationSeconds, got.Message)
			}
		})
	}
}

// Every task does on every server what it does on any other, with the same counts.
func TestEveryTaskDoesTheSameOnEveryServer(t *testing.T) {
	for _, task := range databaseTasks(t) {
		if task == jobspec.DatabaseOptimization {
			continue // what a server can compact differs
		}
		disk := t.TempDir()
		first := onStrictWith(t, strictmongo.Options{}, librarytest.UCoreFS, disk)
		first.ended = first.run(t, task)
		for _, form := range strictmongo.Forms[1:] {
			t.Run(task+"/"+form.String(), func(t *testing.T) {
				t.Parallel()
				onStrictWith(t, strictmongo.Options{Form: form}, librarytest.UCoreFS, disk).endsAs(t, first, task)
			})
		}
		if first.code != jobspec.ExitOK {
			t.Errorf("%s ended with %d", task, first.code)
		}
	}
}

// A secondary takes no writes, not even the lock's. It may be the primary in a moment.
func TestAWriteOnASecondaryIsTemporary(t *testing.T) {
	s := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet, Secondary: true})
	s.CreateCollection(t, "library", "file_records", strictmongo.CollectionOptions{})
	uri := strings.Replace(s.URI, "/?", "/library?", 1)
	r := job(t, map[string]string{"MONGODB_URI": uri}, "run", "rebuild-all-counts", "--output=json", "--library=ucorefs",
		"--timeout=20s")
	r.want(t, jobspec.ExitTemporary)
}
