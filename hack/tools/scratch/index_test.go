package scratch

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// two is an image for two platforms.
func two(t *testing.T) v1.ImageIndex {
	t.Helper()
	var specs []Spec
	for _, architecture := range []string{"amd64", "arm64"} {
		s := spec(t, "program for "+architecture)
		s.Architecture, s.Compress = architecture, true
		specs = append(specs, s)
	}
	index, err := Index(specs)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// A real registry is asked for the image of each platform, as a node does.
func TestAPushedIndexGivesEachPlatformItsImage(t *testing.T) {
	server := httptest.NewServer(registry.New())
	defer server.Close()
	ref := strings.TrimPrefix(server.URL, "http://") + "/media/maint-job:v1.2.3"
	pushed, err := Push(two(t), ref)
	if err != nil {
		t.Fatal(err)
	}
	for _, architecture := range []string{"amd64", "arm64"} {
		at, err := name.NewDigest(pushed)
		if err != nil {
			t.Fatal(err)
		}
		image, err := remote.Image(at, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: architecture}))
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil || config.Architecture != architecture {
			t.Errorf("asked for %s, got %+v, %v", architecture, config, err)
		}
	}
}

func TestARegistryThatRefusesIsNamed(t *testing.T) {
	server := httptest.NewServer(nil) // no registry
	ref := strings.TrimPrefix(server.URL, "http://") + "/media/maint-job:v1.2.3"
	server.Close()
	if _, err := Push(two(t), ref); err == nil || !strings.Contains(err.Error(), "docker login") {
		t.Errorf("the error is %v", err)
	}
}

func TestAnArchiveIsTheSameEachTimeAndNamesItsImage(t *testing.T) {
	var written [][]byte
	for range 2 {
		out := filepath.Join(t.TempDir(), "image.tar")
		if err := WriteArchive(two(t), "media/maint-job:v1.2.3", out); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		written = append(written, data)
	}
	if !bytes.Equal(written[0], written[1]) {
		t.Error("two archives differ")
	}
	for _, want := range []string{"oci-layout", `"org.opencontainers.image.ref.name": "media/maint-job:v1.2.3"`} {
		if !bytes.Contains(written[0], []byte(want)) {
			t.Errorf("the archive lacks %s", cmp.Diff(want, ""))
		}
	}
}
