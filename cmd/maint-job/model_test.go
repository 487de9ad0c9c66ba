package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// A wrong name in the model must not become a run on another field than the one that was meant.
func TestAWrongModelEndsTheRunBeforeItBegins(t *testing.T) {
	file := filepath.Join(t.TempDir(), "model.json")
	if err := os.WriteFile(file, []byte(`{"files": {"tagz": "tag_ids"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, says string }{
		"an unknown field": {file, `unknown field "tagz"`},
		"no such file":     {file + ".gone", "read --model"},
	} {
		var out, errs strings.Builder
		code := run(t.Context(), []string{"run", "verify-references", "--model=" + c.path}, func(string) string { return "" }, &out, &errs)
		if code != jobspec.ExitConfig || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: exit code %d, want %d and %q in\n%s", name, code, jobspec.ExitConfig, c.says, out.String())
		}
	}
}
