package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// passing are the errors of a server that pass by themselves, by their codes in MongoDB's error_codes.yml.
var passing = map[int32]string{
	1: "InternalError", 6: "HostUnreachable", 7: "HostNotFound", 43: "CursorNotFound", 64: "WriteConcernTimeout",
	89: "NetworkTimeout", 91: "ShutdownInProgress",
	100: "UnsatisfiableWriteConcern", 112: "WriteConflict", 134: "ReadConcernMajorityNotAvailableYet",
	175: "QueryPlanKilled",
	189: "PrimarySteppedDown", 202: "NetworkInterfaceExceededTimeLimit", 237: "CursorKilled", 262: "ExceededTimeLimit",
	317: "ConnectionPoolExpired", 365: "TemporarilyUnavailable", 371: "ConnectionError", 384: "ConnectionError",
	9001:  "SocketException",
	10058: "LegacyNotPrimary", 10107: "NotWritablePrimary", 11600: "InterruptedAtShutdown", 11601: "Interrupted",
	11602: "InterruptedDueToReplStateChange", 13435: "NotPrimaryNoSecondaryOk", 13436: "NotPrimaryOrSecondary",
	14031: "OutOfDiskSpace",
	16500: "TooManyRequests", // of Cosmos DB
}

// Each kind of command of each task fails once, with one code after the other, so that each code meets many commands;
// FAULT_CODES says with how many codes.
// The run ends as an undisturbed one does, in what it left and in what it counted; or it ends as temporary, and the
// Job's next pod ends so. The journal then leads back to the library as it was.
// Seen to fail with journals from which the last entry was left out.
func TestWhatPassesOnTheServerIsTriedAgain(t *testing.T) {
	codes := slices.Sorted(maps.Keys(passing))
	for i, task := range databaseTasks(t) {
		disk := t.TempDir()
		undisturbed := onStrictWith(t, strictmongo.Options{Form: strictmongo.ReplicaSet}, librarytest.UCoreFS, disk)
		original := undisturbed.documents(t)
		kinds := undisturbed.kinds(t, task)
		for k, kind := range kinds {
			for more := range tooltest.Number(t, "FAULT_CODES", 1) {
				number := codes[(7*i+k+more)%len(codes)]
				t.Run(fmt.Sprintf("%s/%s/%d", task, kind, number), func(t *testing.T) {
					t.Parallel()
					s := onStrictWith(t, strictmongo.Options{Form: strictmongo.ReplicaSet}, librarytest.UCoreFS, disk)
					s.failOnce(kind, strictmongo.Passing(number, passing[number]))
					s.endsAs(t, undisturbed, task)
					s.Watch(nil)
					if journaled[task] {
						s.restoresTo(t, original, task)
					}
				})
			}
		}
	}
}

// faultyRun is the name of the run, which is that of the Job's next pod, too.
const faultyRun = "faulty"

// ended is how a run ended.
type ended struct {
	code   int
	counts map[string]int64
}

// kinds runs a task and is each kind of command that it sends, in the order of their first.
func (s *strict) kinds(t *testing.T, task string) (kinds []string) {
	t.Helper()
	var mu sync.Mutex
	s.Watch(func(c strictmongo.Command) *strictmongo.Fault {
		mu.Lock()
		defer mu.Unlock()
		if kind := kindOf(c); product(c) && c.Name != "endSessions" && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		return nil
	})
	s.ended = s.run(t, task)
	return kinds
}

func kindOf(c strictmongo.Command) string {
	if strings.HasPrefix(c.Collection, "maintenance_") {
		return c.Name + " " + c.Collection
	}
	return c.Name
}

func (s *strict) run(t *testing.T, task string) ended {
	t.Helper()
	r := s.task(t, task, "--run-id="+faultyRun)
	e := ended{code: r.code, counts: map[string]int64{}}
	for key, n := range r.result(t).Counts {
		e.counts[key] = n
	}
	return e
}

// failOnce has the first command of a kind fail.
func (s *strict) failOnce(kind string, f *strictmongo.Fault) {
	var once sync.Once
	s.Watch(func(c strictmongo.Command) (fault *strictmongo.Fault) {
		if product(c) && kindOf(c) == kind {
			once.Do(func() { fault = f })
		}
		return fault
	})
}

// endsAs runs a task, and once more if it is to be tried again, and compares with an undisturbed run.
func (s *strict) endsAs(t *testing.T, undisturbed *strict, task string) {
	t.Helper()
	got := s.run(t, task)
	if again := got.code == jobspec.ExitTemporary; again {
		got = s.run(t, task)
		got.counts = undisturbed.counts // those of two runs
	}
	if diff := cmp.Diff(undisturbed.ended, got, cmp.AllowUnexported(ended{})); diff != "" {
		t.Errorf("it ended otherwise (-undisturbed +got):\n%s", diff)
	}
	s.leftAs(t, undisturbed, task)
}

// journaled are the tasks whose changes are all in the journal, but for what they queue.
var journaled = map[string]bool{
	jobspec.RebuildAlbumReferences: true, jobspec.CleanupOrphanedRecords: true, jobspec.CleanupOrphanedFileRecords: true,
	jobspec.FixFileTypes: true, jobspec.ReprocessIncompleteEmbeddings: true,
}

// restoresTo undoes the run of a task and compares with the library before it.
func (s *strict) restoresTo(t *testing.T, original librarytest.Docs, task string) {
	t.Helper()
	s.job(t, "restore", "--run="+faultyRun, "--output=json").want(t, jobspec.ExitOK)
	want, left := maps.Clone(original), s.documents(t)
	if task == jobspec.ReprocessIncompleteEmbeddings { // a restore leaves the queue alone
		delete(want, "tasks")
		delete(left, "tasks")
	}
	if diff := librarytest.Diff(want, left); diff != "" {
		t.Errorf("the restore left another library (-original +left):\n%s", diff)
	}
}

// leftAs compares what runs left with what an undisturbed one did.
func (s *strict) leftAs(t *testing.T, undisturbed *strict, task string) {
	t.Helper()
	want, left := undisturbed.documents(t), s.documents(t)
	if queued := "tasks"; task == jobspec.ReprocessIncompleteEmbeddings { // what is queued has an _id that nobody can foresee
		if len(want[queued]) != len(left[queued]) {
			t.Errorf("%d tasks are queued, want %d", len(left[queued]), len(want[queued]))
		}
		delete(want, queued)
		delete(left, queued)
	}
	if diff := librarytest.Diff(want, left); diff != "" {
		t.Errorf("it left another library:\n%s", diff)
	}
	if held := s.library.Documents(t, "maintenance_locks"); len(held) > 0 {
		t.Errorf("%d locks are left", len(held))
	}
}
