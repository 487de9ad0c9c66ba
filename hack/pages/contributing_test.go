package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named is a file or folder of the repository in backquotes.
var named = regexp.MustCompile("`((?:cmd|pkg|internal|hack|docs|config|charts)(?:/[a-zA-Z0-9_./-]*)?)`")

// The walk-throughs lead to what is there. Package walkthrough types them.
func TestTheWalkThroughsLeadToWhatIsThere(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository, "docs", "contributing.md"))
	if err != nil {
		t.Fatal(err)
	}
	paths := named.FindAllStringSubmatch(string(text), -1)
	if len(paths) < 30 {
		t.Fatalf("only %d paths were found: the expression is wrong", len(paths))
	}
	for _, path := range paths {
		if _, err := os.Stat(filepath.Join(repository, path[1])); err != nil {
			t.Errorf("docs/contributing.md names %s: %v", path[1], err)
		}
	}
	for _, step := range []string{"pkg/jobspec", "pkg/jobspec/tasks.go", "pkg/tasks/all/all.go", "docs/tasks"} {
		if !strings.Contains(string(text), "`"+step+"`") {
			t.Errorf("\"Add a task\" does not name %s", step)
		}
	}
}
