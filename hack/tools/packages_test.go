package tools

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Whoever runs packages.sh reads which packages it installs before apt-get is called at all, and no other package is
// installed. Seen to fail with the line after apt-get update, and with one package more in the last line.
func TestThePackagesAreNamedBeforeTheyAreInstalled(t *testing.T) {
	said := packages(t, map[string]string{
		"id":      "echo 0",
		"apt-get": `echo "apt-get $*" >&2`,
	})
	before, calls, found := strings.Cut(said, "apt-get ")
	if !found {
		t.Fatalf("nothing is installed:\n%s", said)
	}
	named := strings.Fields(before[strings.LastIndex(before, ":")+1:])
	if want := "update -qq\napt-get install -y -qq --no-install-recommends " + strings.Join(named, " ") +
		"\n"; calls != want {
		t.Errorf("it names %q, and then runs apt-get %s", named, calls)
	}
	if !slices.Contains(named, "util-linux") || len(slices.Compact(slices.Clone(named))) < len(named) {
		t.Errorf("the package of nsenter and flock is not named once: %q", named)
	}
}

// Somebody who may not install packages reads which ones to ask for.
func TestWithoutRootThePackagesAreNamedAndNothingIsInstalled(t *testing.T) {
	said := packages(t, map[string]string{
		"id":      "echo 1000",
		"apt-get": `echo "apt-get was called" >&2`,
	})
	if !strings.Contains(said, "as root on Debian or Ubuntu: apt-get install ") || !strings.Contains(said, "util-linux") ||
		strings.Contains(said, "was called") {
		t.Errorf("it says\n%s", said)
	}
}

// packages is all that packages.sh prints for a local cluster where the programs of /usr/bin are missing, nsenter and
// flock among them, and where these shell scripts, by name, stand in for what it calls.
func packages(t *testing.T, standIns map[string]string) string {
	t.Helper()
	path := t.TempDir()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	for name, script := range standIns {
		if err := os.WriteFile(filepath.Join(path, name), []byte("#!"+bash+"\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(bash, "packages.sh", "cluster")
	cmd.Env = []string{"PATH=" + path}
	said, _ := cmd.CombinedOutput() // without root, it fails
	return string(said)
}
