package supplychain

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

type component struct {
	Type, Name, Version, PURL string
	Properties                []struct{ Name, Value string }
}

type document struct {
	BOMFormat, SpecVersion string
	Version                int
	Metadata               struct{ Component component }
	Components             []component
}

func bill(t *testing.T, folder, binary string) (b document) {
	t.Helper()
	if err := json.Unmarshal(read(t, folder, "dist/"+binary+".cdx.json"), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// The bill lists what `go version -m` lists of the binary, each with its checksum, and Go itself.
func TestTheBillOfMaterialsIsWhatIsLinked(t *testing.T) {
	folder := first(t)
	for name := range images {
		out, err := exec.Command("go", "version", "-m", filepath.Join(folder, "bin", name)).Output()
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"std " + regexp.MustCompile(`: go(\S+)`).FindStringSubmatch(string(out))[1]: ""}
		for line := range strings.Lines(string(out)) {
			if words := strings.Fields(line); words[0] == "dep" {
				want[words[1]+" "+words[2]] = words[3]
			}
		}
		got := map[string]string{}
		b := bill(t, folder, name)
		for _, c := range b.Components {
			sum := ""
			for _, p := range c.Properties {
				sum = p.Value
			}
			got[c.Name+" "+c.Version] = sum
			if c.Type != "library" || c.PURL != "pkg:golang/"+c.Name+"@"+strings.ReplaceAll(c.Version, "+", "%2B") {
				t.Errorf("%s: %+v", name, c)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) < 10 {
			t.Errorf("%s has %d components (-linked +listed):\n%s", name, len(got), diff)
		}
		if b.BOMFormat != "CycloneDX" || b.SpecVersion != "1.5" || b.Version != 1 ||
			b.Metadata.Component.Type != "application" {
			t.Errorf("%s: the head is %s %s %d, of %+v", name, b.BOMFormat, b.SpecVersion, b.Version, b.Metadata)
		}
		t.Logf("%s: %d components", name, len(maps.Clone(got)))
	}
}

// versionInMetrics runs the controller for as long as it takes to read its metrics.
func versionInMetrics(t *testing.T, controller string) string {
	t.Helper()
	cluster := clustertest.Start(t)
	address := free(t)
	cmd := exec.Command(controller, "--job-image=none", "--metrics-bind-address="+address, "--health-probe-bind-address=0",
		"--watch-namespace="+cluster.Namespace(t, nil))
	cmd.Env = append(os.Environ(), "KUBECONFIG="+cluster.Kubeconfig(t, "a-controller", "system:masters"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	build := regexp.MustCompile(`maintenance_build_info\{.*version="(v[^"]*)"\} 1`)
	var match []string
	clustertest.Eventually(t, "the metrics say a version", func() (bool, string) {
		answer, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			return false, err.Error()
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		match = build.FindStringSubmatch(string(text))
		return err == nil && match != nil, string(text)
	})
	return match[1]
}

func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
