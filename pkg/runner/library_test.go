package runner_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks"
)

// shop declares a library of two collections.
func shop(t *testing.T) library.Library {
	t.Helper()
	l, err := library.Read("shop.yaml", []byte("library: shop\ncollections: {orders: orders, lines: lines}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func builtIn(t *testing.T, name string) library.Library {
	t.Helper()
	l, ok := library.Named(name)
	if !ok {
		t.Fatalf("%s is not built in", name)
	}
	return l
}

func TestARunSaysWhichLibraryItWorkedOn(t *testing.T) {
	for name, c := range map[string]struct {
		collections []string
		declared    library.Library
		library     string // in the result
		outcome     report.Outcome
		reason      report.Reason
		says        string // in the message or the warnings
	}{
		"the desktop application's is detected": {[]string{"file_records", "journal"}, library.Library{}, "ucorefs",
			report.Succeeded, "", ""},
		"the web application's is detected": {[]string{"file_records", "file_tags"}, library.Library{},
			"ucorefs-web", report.Succeeded, "", ""},
		"declared collections that do not exist": {[]string{"file_records"}, library.Library{}, "ucorefs",
			report.Succeeded, "", "do not exist and count as empty: directory_records, tags"},
		"a declaration that was named": {[]string{"lines"}, shop(t), "shop", report.Succeeded, "",
			"count as empty: orders"},
		"a database with nothing": {nil, library.Library{}, "", report.Failed, report.ReasonNoLibrary,
			"holds no library"},
		"another application's database": {[]string{"users", "tags"}, library.Library{}, "", report.Failed,
			report.ReasonNoLibrary, "holds no library"},
		"maintenance's own collections only": {[]string{mongodb.JournalCollection}, library.Library{}, "",
			report.Failed, report.ReasonNoLibrary, "holds no library"},
		"both layouts": {[]string{"file_records", "journal", "file_tags"}, library.Library{}, "", report.Failed,
			report.ReasonNoLibrary, "--library=ucorefs"},
		"none of the collections of the one named": {[]string{"file_records"}, shop(t), "", report.Failed,
			report.ReasonNoLibrary, `none of the collections of the library "shop": name the right database with ` +
				"--database (in a schedule: spec.database.name), or correct the names of collections in the declaration"},
		"one that was named and is another": {[]string{"file_records", "journal", "tags"},
			builtIn(t, library.WebName), "", report.Failed, report.ReasonNoLibrary, `those of "ucorefs": leave out --library`},
		"one that was named where nothing tells which": {[]string{"file_records", "tags"}, builtIn(t, library.WebName),
			"ucorefs-web", report.Succeeded, "", "left as they are, since what they count does not exist: tags.file_count"},
		"one that was named although another would fit": {[]string{"file_records", "orders"}, shop(t), "shop",
			report.Succeeded, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			create(t, s, c.collections...)
			k := &task{name: jobspec.VerifyReferences}
			w := world(k)
			w.Library = c.declared
			r := runner.Run(t.Context(), options(s, k.name), w)
			if r.Outcome != c.outcome || r.Reason != c.reason || r.Library != c.library {
				t.Errorf("got %s/%s of %q: %s", r.Outcome, r.Reason, r.Library, r.Message)
			}
			if says := r.Message + strings.Join(r.Warnings, "\n"); !strings.Contains(says, c.says) {
				t.Errorf("it does not say %q: %s", c.says, says)
			}
			if worked := len(k.steps) > 0; worked != (c.outcome == report.Succeeded) {
				t.Errorf("steps: %q", k.steps)
			}
			onlyOthers(t, s)
		})
	}
}

func create(t *testing.T, s mongotest.Server, collections ...string) {
	t.Helper()
	for _, name := range collections {
		if err := s.DB.CreateCollection(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
}

// Of a wrong name for the database nobody learns by "0 files checked".
func TestARunWithoutALibraryNamesTheDatabasesThatHoldOne(t *testing.T) {
	films := mongotest.New(t)
	create(t, films, "orders")
	k := &task{name: jobspec.VerifyReferences}
	w := world(k)
	w.Library = shop(t)
	r := runner.Run(t.Context(), options(mongotest.New(t), k.name), w)
	if r.Reason != report.ReasonNoLibrary || r.ExitCode() != jobspec.ExitConfig || !strings.Contains(r.Message,
		films.Name+" (shop)") {
		t.Errorf("%s, exit code %d: %s", r.Reason, r.ExitCode(), r.Message)
	}
}

func TestAResultKeepsItsLibraryThroughAllAttempts(t *testing.T) {
	attempts := 0
	s := newLibrary(t)
	var env tasks.Env
	k := &task{name: jobspec.VerifyReferences, prepare: func(context.Context) error {
		if attempts++; attempts == 1 {
			return &connection.UnreachableError{}
		}
		return nil
	}}
	w := world(k)
	w.Library = library.Library{}
	prepare := w.Tasks[0].Prepare
	w.Tasks[0].Prepare = func(ctx context.Context, e tasks.Env) (tasks.Plan, error) {
		env = e
		return prepare(ctx, e)
	}
	r := runner.Run(t.Context(), options(s, k.name), w)
	absent := slices.IndexFunc(r.Warnings, func(warning string) bool { return strings.Contains(warning, "do not exist") })
	if r.Library != "ucorefs" || env.Library.Digest == "" || attempts != 2 || absent < 0 {
		t.Errorf("library %q, the task's %q, %d attempts, warnings %q", r.Library, env.Library.Name, attempts, r.Warnings)
	}
}

func TestATaskWithoutADatabaseNeedsNoLibrary(t *testing.T) {
	k := &task{name: jobspec.CacheCleanup}
	o := jobspec.Defaults()
	o.Task, o.CacheDirs = k.name, []string{t.TempDir()}
	if r := runner.Run(t.Context(), o, world(k)); r.Outcome != report.Succeeded || r.Library != "" {
		t.Errorf("%s of %q: %s", r.Outcome, r.Library, r.Message)
	}
}
