// Package supplychain holds the tests of what is built: that anybody gets the same to the last bit, how large it is,
// what it is made of, and that it says everywhere which version it is.
package supplychain

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
)

func TestMain(m *testing.M) {
	code := clustertest.Main(m)
	os.RemoveAll(scratch)
	os.Exit(code)
}

const version = "v1.2.3"

// images are the largest sizes of what is shipped, in bytes.
var images = map[string]int64{"maint-job": 20 << 20, "controller": 60 << 20, "dashboard": 60 << 20}

// scratch is what TestMain removes.
var scratch string

// built is a folder with this tree in which hack/build.sh made the images and the binaries. It is made once.
var built = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "supplychain")
	if err != nil {
		return "", err
	}
	scratch = folder
	return folder, build(folder)
})

func first(t *testing.T) string {
	t.Helper()
	tooltest.Path(t, "image")
	folder, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// build copies what git knows of this tree, as it is now, and builds there.
func build(folder string, environment ...string) error {
	script := fmt.Sprintf(`cd %q && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t %[2]q && cd %[2]q && hack/build.sh images && hack/build.sh bin`, tooltest.Root(), folder)
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
	cmd.Env = append(append(os.Environ(), "VERSION="+version, "REVISION=0123456789abcdef", "GOFLAGS=",
		"TOOLS_BIN="+tools()), environment...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build in %s: %w\n%s", folder, err, out)
	}
	return nil
}

func tools() string {
	if dir := os.Getenv("TOOLS_BIN"); dir != "" {
		return dir
	}
	return filepath.Join(tooltest.Root(), ".tools", "bin")
}

// Whoever builds the same source gets the same: in another folder, at another time, in another zone, with other
// permissions, and without what the compiler remembers. To compile all of the controller again takes minutes, so that
// `make reproducible` does it and this test maint-job only. Seen to fail without -trimpath.
func TestTwoBuildsAreTheSame(t *testing.T) {
	one, two := first(t), filepath.Join(t.TempDir(), "elsewhere", "and deeper")
	if err := os.MkdirAll(two, 0o700); err != nil {
		t.Fatal(err)
	}
	environment := []string{"TZ=Pacific/Chatham"}
	if os.Getenv("REPRODUCIBLE") != "" {
		environment = append(environment, "GOCACHE="+t.TempDir())
	}
	if err := build(two, environment...); err != nil {
		t.Fatal(err)
	}
	for name := range images {
		for _, file := range []string{"bin/" + name, "dist/" + name + ".tar", "dist/" + name + ".cdx.json"} {
			if !bytes.Equal(read(t, one, file), read(t, two, file)) {
				t.Errorf("%s differs", file)
			}
		}
	}
	again := filepath.Join(t.TempDir(), "maint-job")
	compile := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w -X main.version="+version,
		"-o", again, "./cmd/maint-job")
	compile.Dir, compile.Env = two, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOCACHE="+t.TempDir())
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Equal(read(t, one, "bin/maint-job"), read(t, "", again)) {
		t.Error("maint-job differs when it is compiled anew")
	}
}

func read(t *testing.T, folder, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTheImagesAreSmall(t *testing.T) {
	for name, most := range images {
		if size := int64(len(read(t, first(t), "dist/"+name+".tar"))); size > most {
			t.Errorf("%s has %d bytes, and may have %d", name, size, most)
		} else {
			t.Logf("%s: %.1f MiB of %d", name, float64(size)/(1<<20), most>>20)
		}
	}
}

// labels are those of an image in a tarball of `docker save`.
func labels(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	files := map[string][]byte{}
	for entries := tar.NewReader(bytes.NewReader(archive)); ; {
		entry, err := entries.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry.Size < 1<<20 {
			if files[entry.Name], err = io.ReadAll(entries); err != nil {
				t.Fatal(err)
			}
		}
	}
	var manifest []struct{ Config string }
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	var image struct {
		Config struct{ Labels map[string]string }
	}
	if err := json.Unmarshal(files[manifest[0].Config], &image); err != nil {
		t.Fatal(err)
	}
	return image.Config.Labels
}

// One build says the same version wherever somebody may look.
func TestTheVersionIsTheSameEverywhere(t *testing.T) {
	folder := first(t)
	says := map[string]string{}
	for what, args := range map[string][]string{"maint-job version": {"maint-job", "version"},
		"controller --version": {"controller", "--version"}, "dashboard --version": {"dashboard", "--version"},
		"kubectl maint --version": {"kubectl-maint", "--version"}} {
		out, err := exec.Command(filepath.Join(folder, "bin", args[0]), args[1:]...).Output()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		words := strings.Fields(string(out))
		says[what] = words[len(words)-1]
	}
	for name := range images {
		image := labels(t, read(t, folder, "dist/"+name+".tar"))
		says["the label of the image "+name] = image["org.opencontainers.image.version"]
		if image["org.opencontainers.image.revision"] != "0123456789abcdef" ||
			image["org.opencontainers.image.licenses"] != "Apache-2.0" {
			t.Errorf("%s has the labels %v", name, image)
		}
		says["the bill of materials of "+name] = bill(t, folder, name).Metadata.Component.Version
	}
	says["the metrics"] = versionInMetrics(t, filepath.Join(folder, "bin", "controller"))
	for what, said := range says {
		if said != version {
			t.Errorf("%s says %q, want %s", what, said, version)
		}
	}
}

// A release's chart names the release's images.
func TestTheChartIsNotPackagedForAnotherRelease(t *testing.T) {
	cmd := exec.Command(filepath.Join(tooltest.Root(), "hack", "package.sh"), t.TempDir())
	cmd.Env = append(os.Environ(), "VERSION=v99.0.0", "SOURCE_DATE_EPOCH=0",
		"TOOLS_BIN="+filepath.Dir(tooltest.Path(t, "helm")))
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "appVersion") {
		t.Errorf("got %v:\n%s", err, out)
	}
}
