package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/report"
)

// asProgram makes the test binary the program itself, for tests that need a process of its own.
const asProgram = "MAINT_JOB_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		program(busyStopWithin)
	}
	os.Exit(m.Run())
}

// busyStopWithin is stopWithin on a machine that is busy with other tests, where one batch alone may take longer than
// that. A run that does not notice the signal at all takes longer than this.
const busyStopWithin = 25 * time.Second

// ran is what one call of the program gave.
type ran struct {
	code      int
	out, errs string
}

// job calls the program with an environment of its own.
func job(t *testing.T, env map[string]string, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, func(name string) string { return env[name] }, &out, &errs)
	return ran{code, out.String(), errs.String()}
}

// want fails the test unless the program ended with that code.
func (r ran) want(t *testing.T, code int) {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", r.code, code, r.out, r.errs)
	}
}

// result is the one JSON object on standard output.
func (r ran) result(t *testing.T) report.Result {
	t.Helper()
	in := json.NewDecoder(strings.NewReader(r.out))
	in.DisallowUnknownFields()
	var result report.Result
	if err := in.Decode(&result); err != nil {
		t.Fatalf("standard output is no result: %v\n%s", err, r.out)
	}
	if err := in.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		t.Fatalf("standard output holds more than one object (%v):\n%s", err, r.out)
	}
	return result
}

// dirty is a fresh database with a damaged library in it, and the environment that leads there.
func dirty(t *testing.T) (mongotest.Server, map[string]string) {
	t.Helper()
	s := mongotest.New(t)
	l := librarytest.GenerateWith(7, librarytest.Options{
		Prefix: "/library", Roots: 2, Directories: 12, Files: 150, Tags: 12, Albums: 4, SmartAlbums: 1, Embeddings: 10,
		Relations: 8, Detections: 8, Jobs: 2, Tasks: 10, Journal: 10,
		Dirt: 0.1, OddIDs: 0.1, Drift: 0.9, OneOfEach: true, ClipDimension: 8,
	})
	if err := l.Insert(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
	return s, map[string]string{"MONGODB_URI": s.URI + s.Name}
}

// snapshot is every document of the library's collections, byte by byte.
func snapshot(t *testing.T, s mongotest.Server, l []string) map[string]map[string]bson.Raw {
	t.Helper()
	all := map[string]map[string]bson.Raw{}
	for _, name := range l {
		all[name] = s.Documents(t, name)
	}
	return all
}

// collections are the names that the database holds.
func collections(t *testing.T, s mongotest.Server) []string {
	t.Helper()
	names, err := s.DB.ListCollectionNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// locks is how many locks are held.
func locks(t *testing.T, s mongotest.Server) int {
	t.Helper()
	return len(s.Documents(t, "maintenance_locks"))
}
