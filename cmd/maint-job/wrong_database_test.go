package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/rootlist"
)

// digestOf is the digest of a root that no run has recorded.
func digestOf(t *testing.T, env map[string]string, root string) string {
	t.Helper()
	ran := job(t, env, "roots", "-o", "json", "--library-root="+root)
	ran.want(t, jobspec.ExitOK)
	var list []rootlist.Root
	if err := json.Unmarshal([]byte(ran.out), &list); err != nil || len(list) != 1 {
		t.Fatalf("%v: %s", err, ran.out)
	}
	return list[0].Digest
}

// Nothing is written into a database that holds no library, whether it is empty or an earlier version left something of
// its own there. Seen to fail when accept and restore took the lock first, and roots and declare looked for nothing.
func TestAWrongDatabaseIsRefusedAndStaysAsItIs(t *testing.T) {
	right, root := mongotest.New(t), t.TempDir()
	create(t, right, "file_records")
	env := map[string]string{"MONGODB_URI": right.URI + right.Name}
	digest := "--digest=" + digestOf(t, env, root)
	for what, there := range map[string][]string{
		"a database that does not exist":     nil,
		"maintenance's own collections only": {"maintenance_locks", "maintenance_roots"},
	} {
		for _, args := range [][]string{
			{"run", "verify-references"}, {"check"}, {"declare"}, {"roots"}, {"roots", "--library-root=" + root},
			{"roots", "accept", root, digest}, {"roots", "accept", root, digest, "--dry-run"},
			{"restore", "--run=tidy-1"}, {"restore", "--run=tidy-1", "--dry-run"},
		} {
			t.Run(what+": "+strings.Join(args[:min(2, len(args))], " "), func(t *testing.T) {
				wrong := mongotest.New(t)
				create(t, wrong, there...)
				r := job(t, env, append(slices.Clone(args), "--database="+wrong.Name)...)
				r.want(t, jobspec.ExitConfig)
				if !strings.Contains(r.out+r.errs, "--database") {
					t.Errorf("it does not say what to write:\n%s%s", r.out, r.errs)
				}
				if now := slices.Sorted(slices.Values(collections(t, wrong))); !slices.Equal(there, now) {
					t.Errorf("it had %q and has %q", there, now)
				}
			})
		}
	}
}

// A library that only its owner can describe has roots as well.
func TestRootsOfAThirdLibraryNeedItsDeclaration(t *testing.T) {
	s, root, file := mongotest.New(t), t.TempDir(), filepath.Join(t.TempDir(), "library.yaml")
	create(t, s, "films")
	const films = "library: films\ncollections: {films: films}\nfiles: {collection: films, path: path}\n"
	if err := os.WriteFile(file, []byte(films), 0o644); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"MONGODB_URI": s.URI + s.Name}
	job(t, env, "roots", "--library-root="+root).want(t, jobspec.ExitConfig)
	job(t, env, "roots", "--library="+root).want(t, jobspec.ExitConfig)
	job(t, env, "roots", "--library="+file, "--library-root="+root).want(t, jobspec.ExitOK)
	accept := []string{"roots", "accept", root, "--digest=of another state", "--library"}
	job(t, env, append(accept, file)...).want(t, jobspec.ExitRefused)
	job(t, env, append(accept, root)...).want(t, jobspec.ExitConfig)
}
