package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

var goWord = regexp.MustCompile(`\b[A-Z]\w+\b`)

// The page speaks of words that its reader sees: no name of a Go constant is among them, unless it is such a word too,
// and each label and annotation is one. Seen to fail for ManagedBy, the name of a constant, whose value stood in the
// page as a label.
func TestThePageOfReasonsHasNoNamesOfGo(t *testing.T) {
	t.Chdir(tooltest.Root())
	page, err := reasons()
	if err != nil {
		t.Fatal(err)
	}
	names := constantNames(t, "pkg/report", "pkg/jobspec", "pkg/api/v1alpha1")
	section := ""
	for line := range strings.Lines(page) {
		if title, found := strings.CutPrefix(line, "## "); found {
			section = title
		}
		word, meaning, isRow := strings.Cut(strings.TrimPrefix(line, "| `"), "` | ")
		if !isRow {
			continue
		}
		for _, name := range goWord.FindAllString(meaning, -1) {
			if names[name] && !strings.Contains(page, "`"+name+"`") {
				t.Errorf("%s: %s is a name of Go", word, name)
			}
		}
		if (strings.HasPrefix(section, "Labels") || strings.HasPrefix(section, "Annotations")) &&
			!strings.Contains(word, "/") {
			t.Errorf("%s is no label or annotation", word)
		}
	}
}

// constantNames are the names of the constants of Go packages.
func constantNames(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", folder, err)
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if values, ok := n.(*ast.ValueSpec); ok {
					for _, name := range values.Names {
						names[name.Name] = true
					}
				}
				return true
			})
		}
	}
	return names
}
