package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
)

// What declare guesses of a database can be given to run as it is, and says nothing of a healthy library that is wrong.
func TestAGuessedDeclarationWorks(t *testing.T) {
	s := mongotest.New(t)
	l := librarytest.GenerateWith(4, librarytest.Options{
		Prefix: "/library", Roots: 1, Directories: 30, Files: 300, Tags: 20, Albums: 20, SmartAlbums: 12, Embeddings: 10,
		Detections: 20, Relations: 10,
	})
	if err := l.Insert(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, s, collections(t, s))
	env := map[string]string{"MONGODB_URI": s.URI + s.Name}
	r := job(t, env, "declare")
	r.want(t, jobspec.ExitOK)
	file := filepath.Join(t.TempDir(), "library.yaml")
	if err := os.WriteFile(file, []byte(r.out), 0o644); err != nil {
		t.Fatal(err)
	}
	declared, err := library.Read(file, []byte(r.out))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.out)
	}
	for _, wanted := range []string{
		"matching: albums.smart_query, in: file_records, where: {is_smart: true}",
		`length: "albums.file_ids[]", where: {is_smart: {not: true}}`,
	} {
		if !strings.Contains(r.out, wanted) {
			t.Errorf("it does not say %s:\n%s", wanted, r.out)
		}
	}
	if len(declared.References) < 10 || len(collections(t, s)) != len(before) {
		t.Errorf("%d references:\n%s", len(declared.References), r.out)
	}
	run := job(t, env, "run", "verify-references", "--output=json", "--library="+file)
	run.want(t, jobspec.ExitOK)
	if got := run.result(t); got.Library != declared.Name {
		t.Errorf("library %q", got.Library)
	}
}

func TestNothingCanBeGuessedOfNothing(t *testing.T) {
	s := mongotest.New(t)
	r := job(t, map[string]string{"MONGODB_URI": s.URI + s.Name}, "declare")
	r.want(t, jobspec.ExitConfig)
	if !strings.Contains(r.errs, "has no collections besides maintenance's own: name the right one with --database") {
		t.Error(r.errs)
	}
}
