// Package faisstest reads index files with the real FAISS, for tests. It shares no code with the package that
// writes them. It must not be linked by anything that ships.
package faisstest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

//go:embed read.py
var script string

// python is Debian's, whose package python3-faiss is for no other.
const python = "/usr/bin/python3"

// Index is what FAISS and the sidecar say.
type Index struct {
	Generation uint64      `json:"generation"`
	Dimension  int         `json:"dimension"`
	ObjectIDs  []string    `json:"objectIDs"` // in hex, by id
	Vectors    [][]float32 `json:"vectors"`   // by id
}

// Need skips the test where there is no FAISS, or fails it if the environment says REQUIRE_ALL=1.
func Need(t testing.TB) {
	t.Helper()
	_, err := os.Stat("/usr/lib/python3/dist-packages/faiss")
	switch {
	case err == nil:
	case os.Getenv("REQUIRE_ALL") == "1":
		t.Fatalf("there is no FAISS: run hack/tools/packages.sh (%v)", err)
	default:
		t.Skip("there is no FAISS: run hack/tools/packages.sh")
	}
}

// Place is a provider's index in a folder.
type Place struct{ Folder, Provider string }

// Read reads one index, as ReadAll does.
func Read(t testing.TB, folder, provider string) Index {
	t.Helper()
	return ReadAll(t, []Place{{folder, provider}})[0]
}

// ReadAll reads present indexes, through the two names that stand in the folder itself. It fails the test where an
// index and its sidecar do not belong together, where a vector does not find itself, or where FAISS would have
// written other bytes.
func ReadAll(t testing.TB, places []Place) []Index {
	t.Helper()
	Need(t)
	args := []string{"-c", script}
	for _, p := range places {
		args = append(args, filepath.Join(p.Folder, p.Provider+".faiss"), filepath.Join(p.Folder, p.Provider+".ids"))
	}
	cmd := exec.Command(python, args...)
	// Threads that wait for each other busily would slow down a busy machine.
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("FAISS does not accept an index: %v", err)
	}
	var list []Index
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatalf("read what FAISS found: %v", err)
	}
	return list
}

// SmallFolder is an empty folder on a file system of its own that has room for so many bytes. It stands in no
// folder of this machine and goes with the test. The test is skipped where that is not possible.
func SmallFolder(t testing.TB, size int) string {
	t.Helper()
	folder, err := mountDetached(size)
	if err != nil {
		t.Skipf("a small file system cannot be made here: %v", err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	return fmt.Sprintf("/proc/self/fd/%d", folder.Fd())
}

func mountDetached(size int) (*os.File, error) {
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fs)
	if err := unix.FsconfigSetString(fs, "size", strconv.Itoa(size)); err != nil {
		return nil, err
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return nil, err
	}
	folder, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(folder), "a small file system"), nil
}
