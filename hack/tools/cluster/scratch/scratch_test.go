package scratch

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestTheSameInputGivesTheSameImage(t *testing.T) {
	first, second := write(t, spec(t, "program")), write(t, spec(t, "program"))
	if !bytes.Equal(first, second) {
		t.Error("the tarballs differ")
	}
	if bytes.Equal(first, write(t, spec(t, "another program"))) {
		t.Error("another binary gave the same tarball")
	}
}

func TestContent(t *testing.T) {
	out := filepath.Join(t.TempDir(), "image.tar")
	if err := Write(spec(t, "program"), "ucorefs/maint-job:dev", out); err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag("ucorefs/maint-job:dev")
	if err != nil {
		t.Fatal(err)
	}
	image, err := tarball.ImageFromPath(out, &tag)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.User != "65532:65532" || !slices.Equal(config.Config.Entrypoint, []string{"/usr/bin/program"}) ||
		config.OS != "linux" {
		t.Errorf("config %+v", config)
	}
}

func TestLayer(t *testing.T) {
	content, err := layer(spec(t, "program"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"tmp/ 1777", "etc/ 755", "etc/passwd 644", "usr/ 755", "usr/bin/ 755", "usr/bin/program 755"}
	if got := entries(t, content); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func entries(t *testing.T, content []byte) []string {
	var found []string
	for r := tar.NewReader(bytes.NewReader(content)); ; {
		h, err := r.Next()
		if err != nil {
			return found
		}
		if !h.ModTime.Equal(time.Unix(0, 0)) {
			t.Errorf("%s is of %v", h.Name, h.ModTime)
		}
		found = append(found, h.Name+" "+strconv.FormatInt(h.Mode, 8))
	}
}

func spec(t *testing.T, content string) Spec {
	binary := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(binary, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
	return Spec{Binary: binary, Entrypoint: "/usr/bin/program", User: "65532:65532",
		Files: []File{{Path: "/etc/passwd", Mode: 0o644, Data: []byte("root:x:0:0::/:\n")}}}
}

func write(t *testing.T, s Spec) []byte {
	out := filepath.Join(t.TempDir(), "image.tar")
	if err := Write(s, "ucorefs/maint-job:dev", out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
