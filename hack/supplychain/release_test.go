package supplychain

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// The release of one platform holds what a release of all holds; `make release` makes them all.
func TestAReleaseIsWholeAndItsChecksumsAreRight(t *testing.T) {
	tooltest.Path(t, "helm")
	folder := first(t)
	cmd := exec.Command("hack/release.sh", "folder")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "VERSION=dev", "SOURCE_DATE_EPOCH=0", "GOFLAGS=", "TOOLS_BIN="+tools(),
		"ARCHES=amd64", "PLATFORMS=linux-amd64", "REGISTRY=registry.example/media")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	release := filepath.Join(folder, "dist", "release")
	var names []string
	for _, pattern := range []string{
		"maint-job-*.oci.tar", "maint-controller-*.oci.tar", "maint-job-*-linux-amd64.cdx.json",
		"maint-controller-*-linux-amd64.cdx.json",
		"maint-dashboard-*.oci.tar", "maint-dashboard-*-linux-amd64.cdx.json",
		"maintenance-*.tgz", "install.yaml", "crd.yaml", "krew.yaml", "maintenanceschedule.schema.json", "result.schema.json",
		"config.schema.json", "kubectl-maint-*-linux-amd64.tar.gz", "SHA256SUMS",
	} {
		found, err := filepath.Glob(filepath.Join(release, pattern))
		if err != nil || len(found) != 1 {
			t.Errorf("%s: %v, %v", pattern, found, err)
		}
		names = append(names, found...)
	}
	all, err := filepath.Glob(filepath.Join(release, "*"))
	if slices.Sort(names); err != nil || !slices.Equal(all, names) {
		t.Errorf("the release holds %q, %v", all, err)
	}
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = release
	if out, err := check.CombinedOutput(); err != nil || strings.Count(string(out), ": OK") != len(names)-1 {
		t.Errorf("%v\n%s", err, out)
	}
	manifestForKrew(t, release)
}

// manifestForKrew checks that the manifest names the archive that is there: krew refuses one without its checksum.
func manifestForKrew(t *testing.T, release string) {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(release, "krew.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(release, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if !strings.HasPrefix(name, "kubectl-maint-") {
			continue
		}
		if text := string(manifest); !strings.Contains(text, "/"+name+"\n") || !strings.Contains(text, "sha256: "+sum+"\n") {
			t.Errorf("%s, %s is not in\n%s", name, sum, text)
		}
	}
	if strings.Contains(string(manifest), "@") {
		t.Errorf("something was not filled in:\n%s", manifest)
	}
}
