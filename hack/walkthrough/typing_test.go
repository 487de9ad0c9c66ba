package walkthrough

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/hack/pages"
)

// typist is somebody who does what a page says, in a copy of the repository.
type typist struct {
	*testing.T
	folder string
	env    []string
}

// do types one block.
func (y *typist) do(b pages.Block) {
	y.Helper()
	switch b.Language {
	case "go", "markdown":
		first, rest, _ := strings.Cut(b.Code, "\n")
		y.write(strings.TrimSuffix(strings.TrimLeft(first, "/<!- "), " -->"), rest)
	case "yaml":
		y.write(b.File(), b.Code)
	case "diff":
		y.patch(b)
	case "console":
		y.run(b)
	default:
		y.Fatalf("contributing.md:%d: nobody types a block of the kind %q", b.Line, b.Language)
	}
}

func (y *typist) write(name, text string) {
	y.Helper()
	path := filepath.Join(y.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		y.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		y.Fatal(err)
	}
}

// patch adds lines to the file that the block's first line names. Each part has one line that the file has, and those
// that come after it.
func (y *typist) patch(b pages.Block) {
	y.Helper()
	first, rest, _ := strings.Cut(b.Code, "\n")
	name := strings.TrimPrefix(first, "--- ")
	content, err := os.ReadFile(filepath.Join(y.folder, name))
	if err != nil {
		y.Fatal(err)
	}
	text := string(content)
	for _, part := range strings.Split(rest, "@@\n") {
		there, added, _ := strings.Cut(part, "\n")
		there = strings.TrimPrefix(there, " ") + "\n"
		if n := strings.Count(text, there); n != 1 {
			y.Fatalf("contributing.md:%d: %s has %d lines %q: show a line that it has once", b.Line, name, n, there)
		}
		text = strings.Replace(text, there, there+strings.ReplaceAll("\n"+added, "\n+", "\n")[1:], 1)
	}
	y.write(name, text)
}

// run types the commands, which begin with a $, and looks in what each prints for the lines below it.
func (y *typist) run(b pages.Block) {
	y.Helper()
	for _, part := range strings.Split("\n"+b.Code, "\n$ ")[1:] {
		command, expected, _ := strings.Cut(part, "\n")
		cmd := exec.CommandContext(y.Context(), "bash", "-euo", "pipefail", "-c", command)
		cmd.Dir, cmd.Env = y.folder, y.env
		out, err := cmd.CombinedOutput()
		if err != nil {
			y.Fatalf("contributing.md:%d: %s: %v\n%s", b.Line, command, err, out)
		}
		for line := range strings.Lines(expected) {
			if !strings.Contains(words(string(out)), words(line)) {
				y.Errorf("contributing.md:%d: %s does not print %q:\n%s", b.Line, command, words(line), out)
			}
		}
	}
}

// words are a text's words with one space between them.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// copyOf copies what the build, the generators and their tests read.
func copyOf(t *testing.T, repository string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for _, name := range []string{"cmd", "pkg", "internal", "hack", "docs", "config", "charts"} {
		if err := os.CopyFS(filepath.Join(folder, name), os.DirFS(filepath.Join(repository, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "Makefile", "README.md"} {
		content, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
