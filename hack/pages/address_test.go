package pages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// home is the address of the repository, as the chart has it.
var home = regexp.MustCompile(`(?m)^home: https://github\.com/(\S+)$`)

// address is one of a file or folder of a repository on GitHub, or of the repository.
var address = regexp.MustCompile(`https://(?:github\.com|raw\.githubusercontent\.com)/(ucorefs/[a-z]+)(?:/(?:blob/|tree/)?main/([\w./-]+))?`)

// The repository has one address, that of the chart, and an address of a file in it is that of a file which is there.
func TestTheRepositoryHasOneAddress(t *testing.T) {
	chart, err := os.ReadFile(filepath.Join(repository, "charts", "maintenance", "Chart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := string(home.FindSubmatch(chart)[1])
	list := exec.Command("git", "grep", "--files-with-matches", "-z", "-e", "github.com/ucorefs/", "-e",
		"githubusercontent.com/ucorefs/")
	list.Dir = tooltest.Root()
	files, err := list.Output()
	if err != nil {
		t.Fatalf("git grep: %v", err)
	}
	for file := range strings.SplitSeq(strings.TrimRight(string(files), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(repository, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range address.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(repository, found[2])); found[1] != want || err != nil {
				t.Errorf("%s has the address %s, which leads nowhere: %v", file, found[0], err)
			}
		}
	}
}
