package supplychain

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// startRegistry is the address of a real registry, which keeps in memory what is pushed.
func startRegistry(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "registry")
	build := exec.Command("go", "build", "-o", program, "github.com/google/go-containerregistry/cmd/registry")
	build.Dir = filepath.Join(tooltest.Root(), "hack", "tools", "cluster")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build a registry: %v\n%s", err, out)
	}
	registry := exec.Command(program, "-port", "0")
	said, err := registry.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := registry.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = registry.Process.Kill(); _ = registry.Wait() })
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if _, port, found := strings.Cut(lines.Text(), "serving on port "); found {
			go func() {
				for lines.Scan() { // it would stop if nobody read
				}
			}()
			return "localhost:" + port
		}
	}
	t.Fatal("the registry does not start")
	return ""
}

var imageName = regexp.MustCompile(`localhost:\d+/[\w./-]+:[\w.-]+`)

// What `make push` sends is what the chart asks for, under the digest that it prints.
func TestWhatIsPushedIsWhatTheChartAsksFor(t *testing.T) {
	helm := tooltest.Path(t, "helm")
	folder, registry := first(t), startRegistry(t)
	push := exec.Command("hack/release.sh", "push", registry+"/media")
	push.Dir = folder
	push.Env = append(os.Environ(), "VERSION=dev", "SOURCE_DATE_EPOCH=0", "GOFLAGS=", "TOOLS_BIN="+tools(), "ARCHES=amd64",
		"PLATFORMS=linux-amd64")
	said, err := push.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	chart, err := exec.Command(helm, "template", filepath.Join(folder, "charts", "maintenance"), "--set",
		"dashboard.enabled=true",
		"--set", "images.registry="+registry+"/media").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, chart)
	}
	names := map[string]bool{}
	for _, name := range imageName.FindAllString(string(chart), -1) {
		names[name] = true
	}
	if len(names) != len(images) {
		t.Errorf("the chart asks for %v", names)
	}
	for name := range names {
		digest, platforms := pull(t, registry, name)
		if !strings.Contains(string(said), digest) || len(platforms) != 1 || platforms[0] != "linux/amd64" {
			t.Errorf("%s has the digest %s and is for %v; make push says:\n%s", name, digest, platforms, said)
		}
	}
}

// pull asks a registry for an image, as a node does.
func pull(t *testing.T, registry, image string) (digest string, platforms []string) {
	t.Helper()
	repository, tag, _ := strings.Cut(strings.TrimPrefix(image, registry+"/"), ":")
	answer, err := http.Get(fmt.Sprintf("http://%s/v2/%s/manifests/%s", registry, repository, tag))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var index struct {
		Manifests []struct {
			Platform struct{ OS, Architecture string }
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&index); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", image, answer.Status, err)
	}
	for _, m := range index.Manifests {
		platforms = append(platforms, m.Platform.OS+"/"+m.Platform.Architecture)
	}
	return answer.Header.Get("Docker-Content-Digest"), platforms
}
