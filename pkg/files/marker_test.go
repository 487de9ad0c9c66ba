package files_test

import (
	"errors"
	"path/filepath"
	"testing"

	"ucorefs.io/maintenance/pkg/files"
)

// Nobody names the library here: a pod that cleans a cache or rotates logs need not know where one is. Seen to fail
// when only the named libraries were compared.
func TestAMarkedLibraryIsRefusedWithoutBeingNamed(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "media/photos", files.Marker), "id\n")
	write(t, filepath.Join(dir, "media/photos/2024/05/one.jpg"), "x")
	write(t, filepath.Join(dir, "logs/app.log"), "x")
	for name, folder := range map[string]string{
		"the library":                       "media/photos",
		"a folder in the library":           "media/photos/2024",
		"a folder deep in the library":      "media/photos/2024/05",
		"a folder that holds the library":   "media",
		"the library and much else is here": ".",
	} {
		t.Run(name, func(t *testing.T) {
			var unsafe *files.UnsafeFolderError
			if err := openAndWalk(t, filepath.Join(dir, folder)); !errors.As(err, &unsafe) {
				t.Errorf("%v", err)
			}
		})
	}
	if err := openAndWalk(t, filepath.Join(dir, "logs")); err != nil {
		t.Errorf("a folder beside the library: %v", err)
	}
}

// openAndWalk is what a task does with its folder before it changes anything.
func openAndWalk(t *testing.T, folder string) error {
	t.Helper()
	r, err := files.Open(folder, nil)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = r.Walk(t.Context(), files.Visit{File: func(files.Entry) error { return nil }})
	return err
}
