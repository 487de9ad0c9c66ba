// Package faisstest reads index files with the real FAISS, for tests. It shares no code with the package that writes them. It must
// not be linked by anything that ships.
package faisstest

import (
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
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

// Read reads the present index of a provider in a folder, through the two names that stand in the folder itself. It fails the test
// where the index and the sidecar do not belong together, where a vector does not find itself, or where FAISS would have
// written other bytes.
func Read(t testing.TB, folder, provider string) Index {
	t.Helper()
	Need(t)
	cmd := exec.Command(python, "-c", script, filepath.Join(folder, provider+".faiss"), filepath.Join(folder, provider+".ids"))
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1") // threads that wait for each other busily would slow down a busy machine
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("FAISS does not accept the index of %s: %v", provider, err)
	}
	var index Index
	if err := json.Unmarshal(out, &index); err != nil {
		t.Fatalf("read what FAISS found: %v", err)
	}
	return index
}
