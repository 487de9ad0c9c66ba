package onmongodb

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

// lab is a damaged library in a database of its own, and the program.
type lab struct {
	mongotest.Server
	program string
}

// built is the program, which is built once.
var built struct {
	once sync.Once
	path string
	err  error
}

// TestMain removes the program in the end.
func TestMain(m *testing.M) {
	code := m.Run()
	if built.path != "" {
		os.RemoveAll(filepath.Dir(built.path))
	}
	os.Exit(code)
}

func program(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "onmongodb") // for all tests
		if built.err = err; err != nil {
			return
		}
		built.path = filepath.Join(dir, "maint-job")
		out, err := exec.Command("go", "build", "-o", built.path, "../../cmd/maint-job").CombinedOutput()
		if err != nil {
			built.err = errors.New(string(out))
		}
	})
	if built.err != nil {
		t.Fatalf("build maint-job: %v", built.err)
	}
	return built.path
}

// uri is that of MONGOTEST_URI, or of a replica set in memory.
func uri(t *testing.T) string {
	t.Helper()
	if mongotest.IsForeign() {
		return mongotest.Start(t)
	}
	return strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet, Members: 3}).URI
}

// newLab is the same library each time.
func newLab(t *testing.T, uri string) lab {
	t.Helper()
	l := lab{Server: mongotest.At(t, uri), program: program(t)}
	generated := librarytest.GenerateWith(7, librarytest.Options{
		Prefix: "/library", Roots: 1, Directories: 12, Files: 150, Tags: 12, Albums: 6, SmartAlbums: 3, Jobs: 2,
		Dirt: 0.1, OddIDs: 0.1, Drift: 0.9, OneOfEach: true, ClipDimension: 8,
	})
	if err := generated.Insert(t.Context(), l.DB); err != nil {
		t.Fatal(err)
	}
	return l
}

// start begins a task.
func (l lab) start(t *testing.T, task string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(l.program, "run", task, "--database="+l.Name, "--library=ucorefs", "--timeout=2m",
		"--max-deletes=100000", "--max-delete-percent=100")
	cmd.Env = []string{"MONGODB_URI=" + l.URI}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(out.String())
		}
	})
	return cmd
}

// exitCode waits for the end of a run.
func exitCode(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// exitTemporary is the exit code of a run that is to be tried again.
const exitTemporary = 75

// ends runs a task to its end, and again while it is to be tried again.
func (l lab) ends(t *testing.T, task string, first *exec.Cmd) {
	t.Helper()
	code := exitCode(t, first)
	for range 3 {
		if code != exitTemporary {
			break
		}
		code = exitCode(t, l.start(t, task))
	}
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// read is the library as it is now.
func (l lab) read(t *testing.T) librarytest.Docs {
	t.Helper()
	docs, err := librarytest.UCoreFS.Read(t.Context(), l.DB)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// admin gives a command to the server. It is false where the server does not have it, which is said.
func (l lab) admin(t *testing.T, command bson.D) bool {
	t.Helper()
	err := l.DB.Client().Database("admin").RunCommand(t.Context(), command).Err()
	if err == nil || mongo.IsNetworkError(err) { // a primary that steps down may end its connections
		return true
	}
	var refused mongo.CommandError
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	t.Logf("LEFT OUT: %s: %v", command[0].Key, err)
	return false
}
