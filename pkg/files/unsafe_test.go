package files_test

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"testing"

	"ucorefs.io/maintenance/pkg/files"
)

// Seen to fail, but for "/", when a folder's name was compared instead of what it leads to, and when only equality was
// checked.
func TestUnsafeFoldersAreRefused(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	library := filepath.Join(dir, "data/photos")
	write(t, filepath.Join(library, "2024/one.jpg"), "x")
	write(t, filepath.Join(dir, "cache/thumb"), "x")
	link := func(to, name string) string {
		name = filepath.Join(dir, name)
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	libraryLink := link(library, "library-link")
	for name, test := range map[string]struct{ folder, library string }{
		"the root of the file system":                       {"/", library},
		"a symbolic link to it":                             {link("/", "slash"), library},
		"a name that leads to it":                           {dir + "/../../../../../../..", library},
		"a folder of the system":                            {"/usr/share", library},
		"a folder of many owners":                           {"/tmp", library},
		"a home directory":                                  {me.HomeDir, library},
		"a symbolic link to a home directory":               {link(me.HomeDir, "home"), library},
		"the library":                                       {library, library},
		"a symbolic link to the library":                    {libraryLink, library},
		"the library, which is given by a symbolic link":    {library, libraryLink},
		"a folder that holds the library":                   {filepath.Join(dir, "data"), library},
		"a folder that holds what a link of the library is": {filepath.Join(dir, "data"), libraryLink},
		"a folder in the library":                           {filepath.Join(library, "2024"), library},
		"a folder that holds a library that is not mounted": {filepath.Join(dir, "cache"),
			filepath.Join(dir, "cache/mount/photos")},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := files.Open(test.folder, []string{"/nonexistent", test.library})
			var unsafe *files.UnsafeFolderError
			if !errors.As(err, &unsafe) || r != nil {
				t.Errorf("Open(%s): %v", test.folder, err)
			}
		})
	}
	r, err := files.Open(filepath.Join(dir, "cache"), []string{library})
	if err != nil {
		t.Fatalf("a folder beside the library: %v", err)
	}
	_ = r.Close()
}

func TestOpenSaysWhatIsNoFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "x")
	if _, err := files.Open(filepath.Join(dir, "none"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that does not exist: %v", err)
	}
	if _, err := files.Open(filepath.Join(dir, "file"), nil); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file: %v", err)
	}
}
