package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// A wrong name in a declaration must not become a run on another field than the one that was meant.
func TestAWrongDeclarationEndsTheRunBeforeItBegins(t *testing.T) {
	file := filepath.Join(t.TempDir(), "library.yaml")
	text := "library: films\ncollections: {files: files}\nreferences:\n- {from: files.tag_ids, to: tags, counts: tag, " +
		"danglin: pull}\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ library, says string }{
		"an unknown word names its line": {file,
			`library.yaml:4: the collection "tags" is not declared: add it to collections`},
		"each mistake is told apart": {file, `library.yaml:4: unknown word "danglin": write "dangling"; `},
		"no such file":               {file + ".gone", "database.libraryConfigMap"},
		"a folder":                   {filepath.Dir(file), "is a folder: name the file"},
		"no such name":               {"ucorefs-app", "built in (ucorefs, ucorefs-web)"},
	} {
		r := job(t, nil, "run", "verify-references", "--output=json", "--library="+c.library)
		r.want(t, jobspec.ExitConfig)
		if got := r.result(t); got.Reason != report.ReasonConfiguration || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: %s %q, want %q", name, got.Reason, got.Message, c.says)
		}
	}
}
