package pages

import (
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/jobspec"
)

const repository = "../.."

func docs(t *testing.T) map[string]Page {
	t.Helper()
	read, err := Read(os.DirFS(filepath.Join(repository, "docs")))
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]Page{}
	for _, p := range read {
		byPath[p.Path] = p
	}
	return byPath
}

// everyPage is each page of the repository that git knows, by its path.
func everyPage(t *testing.T) map[string]Page {
	t.Helper()
	list := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md")
	list.Dir = repository
	names, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]Page{}
	for _, name := range strings.Fields(string(names)) {
		text, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		if byPath[name], err = parse(name, string(text)); err != nil {
			t.Fatal(err)
		}
	}
	return byPath
}

// Seen to fail for a page that was renamed and for a heading that was reworded.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	there := everyPage(t)
	for name, page := range there {
		for _, link := range page.Links {
			file, anchor, _ := strings.Cut(link, "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join(repository, filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: %s does not exist", name, link)
			} else if p, ok := there[target]; anchor != "" && (!ok || !slices.Contains(p.Anchors, anchor)) {
				t.Errorf("%s: %s has no heading of that name", name, link)
			}
		}
	}
}

// A page that no table of contents leads to is not read, and hack/e2e does not execute it.
func TestEveryPageIsInATableOfContents(t *testing.T) {
	there := docs(t)
	reached := map[string]bool{}
	for _, page := range InOrder(slices.Collect(maps.Values(there)), "README.md") {
		reached[page.Path] = true
	}
	for name := range there {
		if !reached[name] {
			t.Errorf("docs/%s: no README.md that is reached from the first links to it", name)
		}
	}
}

// The blocks are commands (sh, executed by hack/e2e; console, executed by hack/walkthrough), files (yaml, go and
// markdown, named by their first line), changes of files (diff), or output and rules that are only read.
func TestEveryBlockIsOfAKindThatIsTested(t *testing.T) {
	for name, page := range docs(t) {
		for _, block := range page.Blocks {
			switch {
			case !slices.Contains([]string{"sh", "console", "yaml", "go", "markdown", "diff", "text", "json", "promql"},
				block.Language):
				t.Errorf("docs/%s:%d: a block of the kind %q", name, block.Line, block.Language)
			case slices.Contains([]string{"go", "markdown", "diff", "console"}, block.Language) && name != "contributing.md":
				t.Errorf("docs/%s:%d: only contributing.md is typed by hack/walkthrough: use another kind", name, block.Line)
			case block.Language == "yaml" && block.File() == "":
				t.Errorf("docs/%s:%d: its first line names no file, as in # counts.yaml", name, block.Line)
			case block.Language == "yaml" && !strings.Contains(commands(page), block.File()):
				t.Errorf("docs/%s:%d: no command of the page uses %s", name, block.Line, block.File())
			}
		}
	}
}

func commands(page Page) (all string) {
	for _, block := range page.Blocks {
		if block.Language == "sh" || block.Language == "console" {
			all += block.Code
		}
	}
	return all
}

// Each task has a page that names all it counts. The tables of parameters are generated.
func TestEveryTaskHasItsPage(t *testing.T) {
	there := docs(t)
	for _, task := range jobspec.Tasks() {
		page, ok := there["tasks/"+task.Name+".md"]
		if !ok {
			t.Errorf("docs/tasks/%s.md does not exist: write it, with the headings of the other pages", task.Name)
			continue
		}
		headings := []string{"## What it does", "## What it will not do", "## Parameters", "## What it counts", "## Example"}
		for _, word := range slices.Concat(task.Counts, headings) {
			if !strings.Contains(page.Text, word) {
				t.Errorf("docs/%s: does not say %s", page.Path, word)
			}
		}
	}
}

// The first page is read whole.
func TestTheReadmeIsShort(t *testing.T) {
	if n := strings.Count(everyPage(t)["README.md"].Text, "\n"); n == 0 || n >= 120 {
		t.Errorf("it has %d lines", n)
	}
}

var folder = regexp.MustCompile("`((?:hack|pkg|internal|cmd)/[^`]+)`")

// What the table of supported versions calls tested is tested by something that is there. Seen to fail for a folder
// that does not exist.
func TestTheTestsOfTheSupportedVersionsAreThere(t *testing.T) {
	named := folder.FindAllStringSubmatch(docs(t)["support.md"].Text, -1)
	for _, match := range named {
		if tests, err := filepath.Glob(filepath.Join(repository, match[1], "*_test.go")); err != nil || len(tests) == 0 {
			t.Errorf("%s has no tests: %v", match[1], err)
		}
	}
	if len(named) < 4 {
		t.Errorf("the page names only %d", len(named))
	}
}

func TestABlockKnowsItsFile(t *testing.T) {
	for name, c := range map[string]struct {
		block Block
		file  string
	}{
		"a named file":       {Block{Language: "yaml", Code: "# a-b.yaml\nx: y\n"}, "a-b.yaml"},
		"a comment":          {Block{Language: "yaml", Code: "# What it is.\nx: y\n"}, ""},
		"another folder's":   {Block{Language: "yaml", Code: "# ../a.yaml\nx: y\n"}, ""},
		"another language's": {Block{Language: "sh", Code: "# a.yaml\n"}, ""},
	} {
		if got := c.block.File(); got != c.file {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAFenceThatIsNotClosedIsAnError(t *testing.T) {
	if _, err := parse("a.md", "# A\n\n```sh\nls\n"); err == nil || !strings.Contains(err.Error(), "a.md:3") {
		t.Errorf("got %v", err)
	}
}
