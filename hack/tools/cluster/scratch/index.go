package scratch

import (
	"archive/tar"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Index is one image for several platforms, in the order of specs.
func Index(specs []Spec) (v1.ImageIndex, error) {
	var index v1.ImageIndex = mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, s := range specs {
		image, err := Image(s)
		if err != nil {
			return nil, err
		}
		image = mutate.ConfigMediaType(mutate.MediaType(image, types.OCIManifestSchema1), types.OCIConfigJSON)
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: s.Architecture}},
		})
	}
	return index, nil
}

// Push sends an index to the registry that ref names, with the credentials of the user's docker configuration, and
// returns the reference by digest. A registry on the loopback address may speak plain HTTP.
func Push(index v1.ImageIndex, ref string) (string, error) {
	tag, err := name.NewTag(ref)
	if err != nil {
		return "", fmt.Errorf("image name: %w", err)
	}
	if err := remote.WriteIndex(tag, index, remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return "", fmt.Errorf("push %s: %w; log in to the registry first, for example with docker login", ref, err)
	}
	digest, err := index.Digest()
	return tag.Context().Digest(digest.String()).String(), err
}

// WriteArchive writes an index to out as an OCI archive: the image layout, as a tar whose bytes depend on nothing else.
func WriteArchive(index v1.ImageIndex, ref, out string) error {
	folder, err := os.MkdirTemp(filepath.Dir(out), "layout")
	if err != nil {
		return fmt.Errorf("write image %s: %w", ref, err)
	}
	defer os.RemoveAll(folder)
	place, err := layout.Write(folder, empty.Index)
	if err == nil {
		err = place.AppendIndex(index, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": ref}))
	}
	if err == nil {
		err = archive(folder, out+".tmp")
	}
	if err == nil {
		err = os.Rename(out+".tmp", out)
	}
	if err != nil {
		return fmt.Errorf("write image %s: %w", ref, err)
	}
	return nil
}

// archive is a tar of a folder's files, in the order of their names.
func archive(folder, out string) error {
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	defer file.Close()
	w := tar.NewWriter(file)
	err = filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return appendFile(w, folder, path)
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	return file.Close()
}

func appendFile(w *tar.Writer, folder, path string) error {
	relative, err := filepath.Rel(folder, path)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	h := &tar.Header{Typeflag: tar.TypeReg, Name: filepath.ToSlash(relative), Mode: 0o644, Size: info.Size(),
		Format: tar.FormatPAX}
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(w, file)
	return err
}
