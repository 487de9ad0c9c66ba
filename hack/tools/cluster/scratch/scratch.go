// Package scratch makes container images without a container engine or a registry: one static binary, and files
// beside it, on an empty base. The same input gives the same bytes: all times are the epoch's, all order is fixed.
package scratch

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Spec is what an image is made of.
type Spec struct {
	Binary       string   // path of a static binary
	Architecture string   // as Go calls it, such as arm64; empty: the machine's own
	Entrypoint   string   // its absolute path in the image
	User         string   // UID:GID, or empty for root
	Env          []string // NAME=value
	Files        []File   // besides the binary
	Labels       map[string]string
	// Compress makes the layer small, for an image that travels; the tarball for a node next door is made sooner without.
	Compress bool
}

// File is one file of an image; its directories are made as needed.
type File struct {
	Path string // absolute
	Mode int64
	Data []byte
}

// Write makes the image and writes it to out, under the name ref, in the format of docker save. The file appears
// under its name only once it is whole.
func Write(s Spec, ref, out string) error {
	tag, err := name.NewTag(ref)
	if err != nil {
		return fmt.Errorf("image name: %w", err)
	}
	image, err := Image(s)
	if err != nil {
		return err
	}
	if err := tarball.WriteToFile(out+".tmp", tag, image); err != nil {
		return fmt.Errorf("write image %s: %w", ref, err)
	}
	if err := os.Rename(out+".tmp", out); err != nil {
		return fmt.Errorf("write image %s: %w", ref, err)
	}
	return nil
}

// Image makes the image in memory.
func Image(s Spec) (v1.Image, error) {
	content, err := layer(s)
	if err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	level := gzip.NoCompression
	if s.Compress {
		level = gzip.BestCompression
	}
	l, err := tarball.LayerFromOpener(opener, tarball.WithCompressionLevel(level))
	if err != nil {
		return nil, fmt.Errorf("make the image's layer: %w", err)
	}
	image, err := mutate.AppendLayers(empty.Image, l)
	if err != nil {
		return nil, fmt.Errorf("make the image: %w", err)
	}
	return mutate.ConfigFile(image, configured(image, s))
}

// configured is the image's configuration with the entrypoint, the user and the platform filled in.
func configured(image v1.Image, s Spec) *v1.ConfigFile {
	made, err := image.ConfigFile()
	if err != nil {
		made = &v1.ConfigFile{}
	}
	config := made.DeepCopy()
	config.OS, config.Architecture = "linux", cmp.Or(s.Architecture, runtime.GOARCH)
	config.Created = v1.Time{Time: time.Unix(0, 0).UTC()}
	config.Config = v1.Config{Entrypoint: []string{s.Entrypoint}, User: s.User, Env: s.Env, Labels: s.Labels,
		WorkingDir: "/"}
	return config
}

// layer is the image's one layer: /tmp, then the files in the order of their paths, each after its directories.
func layer(s Spec) ([]byte, error) {
	binary, err := os.ReadFile(s.Binary)
	if err != nil {
		return nil, fmt.Errorf("read the image's binary: %w", err)
	}
	files := append(slices.Clone(s.Files), File{Path: s.Entrypoint, Mode: 0o755, Data: binary})
	slices.SortFunc(files, func(a, b File) int { return bytes.Compare([]byte(a.Path), []byte(b.Path)) })
	var out bytes.Buffer
	w := layerWriter{tar: tar.NewWriter(&out), made: map[string]bool{"/": true}}
	w.directory("/tmp", 0o1777)
	for _, f := range files {
		w.file(f)
	}
	if w.err == nil {
		w.err = w.tar.Close()
	}
	return out.Bytes(), w.err
}

// layerWriter writes entries until the first error, which it keeps.
type layerWriter struct {
	tar  *tar.Writer
	made map[string]bool
	err  error
}

func (w *layerWriter) directory(dir string, mode int64) {
	if w.made[dir] {
		return
	}
	w.directory(path.Dir(dir), 0o755)
	w.made[dir] = true
	w.entry(&tar.Header{Typeflag: tar.TypeDir, Name: dir[1:] + "/", Mode: mode}, nil)
}

func (w *layerWriter) file(f File) {
	w.directory(path.Dir(f.Path), 0o755)
	w.entry(&tar.Header{Typeflag: tar.TypeReg, Name: f.Path[1:], Mode: f.Mode, Size: int64(len(f.Data))}, f.Data)
}

func (w *layerWriter) entry(h *tar.Header, data []byte) {
	h.ModTime, h.Format = time.Unix(0, 0), tar.FormatPAX
	if w.err == nil {
		w.err = w.tar.WriteHeader(h)
	}
	if w.err == nil {
		_, w.err = w.tar.Write(data)
	}
}
