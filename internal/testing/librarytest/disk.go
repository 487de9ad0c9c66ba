package librarytest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// WriteFiles makes every root and all of Files below dir. A file is sparse: it has its size and takes no room.
func (l Library) WriteFiles(dir string) error {
	for _, r := range l.Roots {
		if err := os.MkdirAll(filepath.Join(dir, r.Rel), 0o755); err != nil {
			return fmt.Errorf("make a library root: %w", err)
		}
	}
	for _, f := range l.files {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(f.Rel)), f.Size); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, size int64) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make a library folder: %w", err)
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make a library file: %w", err)
	}
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		return fmt.Errorf("make a library file: %w", err)
	}
	return nil
}
