package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// claim is a sentence of a page, and the tests that fail where it is not so.
type claim struct {
	sentence string
	tests    []string // each as "PACKAGE TEST"
	reason   string   // why there is none
}

// claims reads testdata/NAME.claims.
func claims(t *testing.T, name string) (all []claim) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".claims"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		switch indented, isProof := strings.CutPrefix(line, "\t"); {
		case line == "" || strings.HasPrefix(line, "#"):
		case !isProof:
			all = append(all, claim{sentence: line})
		case strings.HasPrefix(indented, "- "):
			all[len(all)-1].reason = indented[2:]
		default:
			last, words := &all[len(all)-1], strings.Fields(indented)
			for _, test := range words[1:] {
				last.tests = append(last.tests, words[0]+" "+test)
			}
		}
	}
	return all
}

// No claim of docs/scheduling.md is without its test. A sentence that is new or reworded, and a test that is renamed or
// gone, fails here: then read both again. Seen to fail for each.
func TestEveryClaimOfSchedulingHasItsTest(t *testing.T) {
	there := testsByPackage(t)
	var known []string
	for _, c := range claims(t, "scheduling") {
		known = append(known, c.sentence)
		if (len(c.tests) == 0) == (c.reason == "") {
			t.Errorf("%q needs its tests, or a reason why there are none", c.sentence)
		}
		for _, test := range c.tests {
			if !there[test] {
				t.Errorf("%q is tested by %s, which does not exist", c.sentence, test)
			}
		}
	}
	said := docs(t)["scheduling.md"].Sentences()
	for _, sentence := range said {
		if !slices.Contains(known, sentence) {
			t.Errorf("docs/scheduling.md says %q: name its tests in testdata/scheduling.claims", sentence)
		}
	}
	for _, sentence := range known {
		if !slices.Contains(said, sentence) {
			t.Errorf("testdata/scheduling.claims has %q, which docs/scheduling.md does not say", sentence)
		}
	}
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// testsByPackage are all tests of the repository's module, each as "PACKAGE TEST".
func testsByPackage(t *testing.T) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	for _, pattern := range []string{"cmd/*", "pkg/*", "pkg/*/*", "hack/*"} {
		files, err := filepath.Glob(filepath.Join(repository, pattern, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			folder, err := filepath.Rel(repository, filepath.Dir(file))
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range testFunction.FindAllStringSubmatch(string(text), -1) {
				there[filepath.ToSlash(folder)+" "+match[1]] = true
			}
		}
	}
	return there
}

func TestSentencesOfAPage(t *testing.T) {
	text := "# A heading\n\nOne. Two\ngoes on: `A: b` three.\n\n- an item\n  of two lines\n- another\n\n| head | " +
		"|\n|---|---|\n| a | b |\n\n```sh\nNo. Words.\n```\n"
	want := []string{"One.", "Two goes on:", "`A: b` three.", "an item of two lines", "another", "| a | b |"}
	if got := (Page{Text: text}).Sentences(); !slices.Equal(got, want) {
		t.Errorf("they are %q", got)
	}
}
