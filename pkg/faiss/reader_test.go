package faiss

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A reader that does what the package comment says, and knows nothing else of this package, reads on and on while
// generations are published: it always has an index and the sidecar that was written for it.
//
// Seen to fail when promote renamed two plain files into one and the same folder, first the index and then the sidecar.
func TestAReaderInALoopNeverSeesOneFileWithoutTheOther(t *testing.T) {
	dir := t.TempDir()
	mustFill(t, open(t, dir), vectors(t, 0, 20, 4))
	stop, result := make(chan struct{}), make(chan error)
	const readers = 2
	for range readers {
		go func() { result <- readUntil(stop, dir) }()
	}
	for i := range 60 {
		mustFill(t, open(t, dir), vectors(t, uint64(i), 20+i%7, 4))
	}
	close(stop)
	for range readers {
		if err := <-result; err != nil {
			t.Error(err)
		}
	}
}

func readUntil(stop chan struct{}, dir string) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		err := readBoth(filepath.Join(dir, "clip.generations"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // that: begin again
			return err
		}
	}
}

// readBoth is a reader as an application would have it.
func readBoth(generations string) error {
	generation, err := os.Readlink(filepath.Join(generations, "current"))
	if err != nil {
		return fmt.Errorf("there is no current index: %v", err) // not %w: it must always be there
	}
	index, err := os.ReadFile(filepath.Join(generations, generation, "clip.faiss"))
	if err != nil {
		return err
	}
	ids, err := os.ReadFile(filepath.Join(generations, generation, "clip.ids"))
	if err != nil {
		return err
	}
	if digest := sha256.Sum256(index); len(ids) < 64 || !bytes.Equal(ids[32:64], digest[:]) {
		return fmt.Errorf("in %s the sidecar belongs to another index", generation)
	}
	return nil
}
