package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	mongodriver "go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
)

func TestARunPutsTheCountersRightAndSaysSo(t *testing.T) {
	s, env := dirty(t)
	r := job(t, env, "run", "rebuild_all_counts", "--output=json", "--log-format=json")
	r.want(t, jobspec.ExitOK)
	got := r.result(t)
	if got.Task != jobspec.RebuildAllCounts || got.Outcome != report.Succeeded || got.Counts["directoriesUpdated"] == 0 {
		t.Errorf("result: %s", r.out)
	}
	docs, err := librarytest.UCoreFS.Read(t.Context(), s.DB)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range librarytest.UCoreFS.Check(docs) {
		if v.Right != v.Total {
			t.Errorf("%s: %d of %d are right:\n%s", v.Collection, v.Right, v.Total, strings.Join(v.Wrong, "\n"))
		}
	}
	for line := range strings.Lines(r.errs) {
		if !strings.HasPrefix(line, "{") {
			t.Errorf("a log line that is not JSON: %s", line)
		}
	}
	if n := locks(t, s); n != 0 {
		t.Errorf("%d locks are left", n)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	s, env := dirty(t)
	before := collections(t, s)
	documents := snapshot(t, s, before)
	for _, task := range names() {
		r := job(t, env, "run", task, "--dry-run", "--output=json", "--max-deletes=100000", "--max-delete-percent=100",
			"--library-root="+t.TempDir(), "--cache-dir="+t.TempDir(), "--log-dir="+t.TempDir(), "--index-dir="+t.TempDir())
		if got := r.result(t); !got.DryRun || got.Outcome == report.Failed {
			t.Errorf("%s: %s", task, r.out)
		}
	}
	after := collections(t, s)
	slices.Sort(before)
	slices.Sort(after)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("collections came or went:\n%s", diff)
	}
	if diff := cmp.Diff(documents, snapshot(t, s, before)); diff != "" {
		t.Errorf("documents changed:\n%s", diff)
	}
}

func TestAnUnreachableDatabaseIsTriedAgainUntilTheTimeout(t *testing.T) {
	for name, address := range map[string]string{"nobody listens": closed(t), "nobody answers": deaf(t).address} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"MONGODB_URI": "mongodb://alice:s3cr3t-wort@" + address + "/ucorefs"}
			r := job(t, env, "run", "verify-references", "--timeout=20s", "--output=json")
			r.want(t, jobspec.ExitTemporary)
			if got := r.result(t); got.Reason != report.ReasonDatabaseUnreachable {
				t.Errorf("reason %s: %s", got.Reason, got.Message)
			}
			first, second := strings.Index(r.errs, "retryIn=1s"), strings.Index(r.errs, "retryIn=2s")
			if first < 0 || second < first {
				t.Errorf("it did not try again after 1 s, then after 2 s:\n%s", r.errs)
			}
			r.hides(t, "alice", "s3cr3t", "wort")
		})
	}
}

// deafServer accepts connections and never answers.
type deafServer struct {
	address string
	called  chan struct{} // closed with the first connection
}

func deaf(t *testing.T) deafServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	called := make(chan struct{})
	go func() {
		var open []net.Conn
		for {
			c, err := l.Accept()
			if err != nil {
				break
			}
			if open = append(open, c); len(open) == 1 {
				close(called)
			}
		}
		for _, c := range open {
			_ = c.Close()
		}
	}()
	return deafServer{l.Addr().String(), called}
}

// closed is an address at which nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// securedLibrary is a server that wants a password, with an empty library in the database ucorefs.
func securedLibrary(t *testing.T, user, password string) string {
	t.Helper()
	uri := mongotest.StartSecured(t, user, password)
	client, err := mongo.Connect(mongodriver.Client().ApplyURI(uri).SetAuth(mongodriver.Credential{Username: user,
		Password: password}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(context.Background()) }()
	if err := client.Database("ucorefs").CreateCollection(t.Context(), "file_records"); err != nil {
		t.Fatal(err)
	}
	return uri
}

func TestWrongCredentialsEndARunAtOnce(t *testing.T) {
	uri := securedLibrary(t, "alice", "the right one")
	wrong := map[string]string{"MONGODB_URI": strings.Replace(uri, "://", "://alice:s3cr3t-wort@", 1)}
	for name, args := range map[string][]string{
		"run":     {"run", "verify-references", "--output=json"},
		"restore": {"restore", "--run=x"},
	} {
		t.Run(name, func(t *testing.T) {
			r := job(t, wrong, args...)
			r.want(t, jobspec.ExitConfig)
			r.hides(t, "s3cr3t", "wort")
			if !strings.Contains(r.out+r.errs, "check the user name, the password and authSource") ||
				strings.Contains(r.errs, "retryIn") {
				t.Errorf("it does not say what to check, or tried again:\n%s%s", r.out, r.errs)
			}
		})
	}
	right := map[string]string{"MONGODB_URI": strings.Replace(uri, "://", "://alice:the%20right%20one@", 1)}
	job(t, right, "run", "verify-references").want(t, jobspec.ExitOK)
}

func TestTheTerminationLogGetsTheResultWhereItExists(t *testing.T) {
	s, env := dirty(t)
	dir := t.TempDir()
	there, missing := filepath.Join(dir, "there"), filepath.Join(dir, "missing")
	if err := os.WriteFile(there, []byte(strings.Repeat("what an earlier container left ", 200)), 0o644); err != nil {
		t.Fatal(err)
	}
	breakAnAlbum(t, s.DB)
	r := job(t, env, "run", "verify-references", "--output=json", "--termination-log="+there)
	r.want(t, jobspec.ExitOK)
	content, err := os.ReadFile(there)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.out) <= report.MaxTerminationBytes {
		t.Fatalf("the result has only %d bytes: this test wants one that must be cut", len(r.out))
	}
	if len(content) > report.MaxTerminationBytes {
		t.Errorf("%d bytes", len(content))
	}
	short, err := report.Parse(string(content))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.result(t).Counts, short.Counts); diff != "" {
		t.Errorf("the counts differ:\n%s", diff)
	}
	job(t, env, "run", "verify-references", "--termination-log="+missing).want(t, jobspec.ExitOK)
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("the file was made: %v", err)
	}
}

// breakAnAlbum makes long samples: an album whose id is a long text refers to files with long ids that do not exist.
func breakAnAlbum(t *testing.T, db *mongo.Database) {
	t.Helper()
	for i := range 30 {
		id := strings.Repeat("длинное имя ", 20) + string(rune('a'+i))
		album := bson.D{{Key: "_id", Value: id}, {Key: "name", Value: "x"}, {Key: "file_ids", Value: bson.A{"gone " + id}}}
		if _, err := db.Collection("albums").InsertOne(t.Context(), album); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRestorePutsBackWhatARunTookAway(t *testing.T) {
	s, env := dirty(t)
	touched := librarytest.UCoreFS.Collections()
	before := snapshot(t, s, touched)
	r := job(t, env, "run", "cleanup-orphaned-records", "--run-id=tidy-1", "--max-deletes=100000",
		"--max-delete-percent=100", "--output=json")
	r.want(t, jobspec.ExitOK)
	if got := r.result(t); got.Counts["embeddingsRemoved"] == 0 || got.Counts["filesCleaned"] == 0 {
		t.Fatalf("nothing was removed: %s", r.out)
	}
	if cmp.Equal(before, snapshot(t, s, touched)) {
		t.Fatal("nothing changed")
	}
	after := snapshot(t, s, touched)
	r = job(t, env, "restore", "--run=tidy-1", "--dry-run", "--output=json")
	r.want(t, jobspec.ExitOK)
	foreseen := r.result(t)
	if !foreseen.DryRun || !strings.HasPrefix(foreseen.Message, "would put back ") ||
		foreseen.Counts["documentsInserted"] == 0 {
		t.Errorf("a dry run of restore says %s", r.out)
	}
	if diff := cmp.Diff(after, snapshot(t, s, touched)); diff != "" {
		t.Errorf("a dry run of restore changed documents:\n%s", diff)
	}
	r = job(t, env, "restore", "--run=tidy-1", "--output=json")
	r.want(t, jobspec.ExitOK)
	got := r.result(t)
	if got.Task != "restore" || got.Outcome != report.Succeeded || !strings.HasPrefix(got.Message, "put back ") ||
		got.Library != "" {
		t.Errorf("restore says %s", r.out)
	}
	if diff := cmp.Diff(foreseen.Counts, got.Counts); diff != "" {
		t.Errorf("the dry run counted something else (-dry run +run):\n%s", diff)
	}
	if diff := cmp.Diff(before, snapshot(t, s, touched)); diff != "" {
		t.Errorf("not as before:\n%s\n%s", r.out, diff)
	}
}

// Seen to fail, with exit code 78, when a run that took nothing left nothing in the journal.
func TestARestoreOfARunThatTookNothingSucceeds(t *testing.T) {
	_, env := dirty(t)
	for _, c := range []struct{ task, run string }{
		{jobspec.CleanupOrphanedRecords, "tidy-1"}, {jobspec.CleanupOrphanedRecords, "tidy-2"}, {jobspec.RebuildAllCounts,
			"counts-1"},
	} {
		job(t, env, "run", c.task, "--run-id="+c.run, "--max-delete-percent=100").want(t, jobspec.ExitOK)
	}
	for _, run := range []string{"tidy-2", "counts-1"} {
		for _, flag := range []string{"--dry-run", "--dry-run=false"} {
			r := job(t, env, "restore", "--run="+run, flag, "--output=json")
			r.want(t, jobspec.ExitOK)
			if got := r.result(t); got.Outcome != report.Succeeded || got.Message != "the run "+run+
				" took nothing: nothing to restore" {
				t.Errorf("got %s", r.out)
			}
		}
	}
	r := job(t, env, "restore", "--run=tidy-3", "--output=json")
	r.want(t, jobspec.ExitConfig)
	if got := r.result(t); !strings.HasSuffix(got.Message, "it knows tidy-2, tidy-1, counts-1") {
		t.Errorf("got %s", r.out)
	}
}

func TestRestoreSaysInOneResultWhyItDidNotPutEverythingBack(t *testing.T) {
	for name, c := range map[string]struct {
		before  func(t *testing.T, s mongotest.Server)
		code    int
		outcome report.Outcome
		reason  report.Reason
		says    string
	}{
		"the journal does not know the run": {func(*testing.T, mongotest.Server) {}, jobspec.ExitConfig,
			report.Failed, report.ReasonConfiguration, "it knows no run at all: is --database the right one?"},
		// Seen to fail when restore took no lock.
		"another run holds the lock": {func(t *testing.T, s mongotest.Server) {
			create(t, s, mongodb.JournalCollection)
			hold(t, s, "orphans-1")
		}, jobspec.ExitOK,
			report.Skipped, report.ReasonLocked, "held by run orphans-1"},
		"a document was written since": {writtenSince, jobspec.ExitPartial,
			report.Partial, report.ReasonChangedMeanwhile,
			"put back 1 deleted and 0 changed documents; 1 that were written since are left alone"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t) // without a library: restore needs none
			c.before(t, s)
			log := filepath.Join(t.TempDir(), "termination-log")
			if err := os.WriteFile(log, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			r := job(t, map[string]string{"MONGODB_URI": s.URI + s.Name}, "restore", "--run=tidy-1", "--output=json",
				"--timeout=1m", "--termination-log="+log)
			r.want(t, c.code)
			if got := r.result(t); got.Outcome != c.outcome || got.Reason != c.reason || !strings.Contains(got.Message, c.says) {
				t.Errorf("got %s", r.out)
			}
			left, err := os.ReadFile(log)
			if err != nil || string(left) != strings.TrimSpace(r.out) {
				t.Errorf("the termination log has %q, %v", left, err)
			}
		})
	}
}

// writtenSince has the run tidy-1 delete two tags, one of which somebody makes anew.
func writtenSince(t *testing.T, s mongotest.Server) {
	t.Helper()
	tags, one, two := s.DB.Collection("tags"), bson.D{{Key: "_id", Value: 1}}, bson.D{{Key: "_id", Value: 2}}
	if _, err := tags.InsertMany(t.Context(), []any{one, two}); err != nil {
		t.Fatal(err)
	}
	deletions := []mongodb.Deletion{{ID: bsonvalue.Int(1)}, {ID: bsonvalue.Int(2)}}
	d := s.Connect(t, nil)
	_, lease, err := d.Lock(t.Context(), lock.Request{Scope: lock.DatabaseScope(s.Name), Run: "tidy-1"})
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Release(t.Context())
	if _, _, err := stores.NewJournal(lease.Writer(), "tidy-1").Delete(t.Context(), "tags", deletions); err != nil {
		t.Fatal(err)
	}
	if _, err := tags.InsertOne(t.Context(), append(two, bson.E{Key: "name", Value: "theirs"})); err != nil {
		t.Fatal(err)
	}
}

func TestASecondRunIsSkippedAndNamesTheFirst(t *testing.T) {
	s, env := dirty(t)
	hold(t, s, "orphans-1")
	r := job(t, env, "run", "rebuild-all-counts", "--output=json")
	r.want(t, jobspec.ExitOK)
	if got := r.result(t); got.Outcome != report.Skipped || got.Reason != report.ReasonLocked ||
		!strings.Contains(got.Message, "held by run orphans-1") {
		t.Errorf("got %s", r.out)
	}
}

// hold writes the lock that another run would hold.
func hold(t *testing.T, s mongotest.Server, run string) {
	t.Helper()
	scope := "database " + s.Name
	_, err := s.DB.Collection("maintenance_locks").InsertOne(t.Context(), bson.D{
		{Key: "_id", Value: scope + "/write/1"}, {Key: "scope", Value: scope}, {Key: "generation", Value: int64(1)},
		{Key: "mode", Value: "write"},
		{Key: "run", Value: run}, {Key: "task", Value: "cleanup-orphaned-records"}, {Key: "host", Value: "pod-1"},
		{Key: "taken_at", Value: time.Now()}, {Key: "expires_at", Value: time.Now().Add(time.Minute)},
	})
	if err != nil {
		t.Fatal(err)
	}
}
