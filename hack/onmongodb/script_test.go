package onmongodb

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

// The script runs its tests on the server that it is given, and says what that server does not have.
func TestTheScript(t *testing.T) {
	if mongotest.IsForeign() {
		return // the script runs this
	}
	s := strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet, Members: 3})
	cmd := exec.Command("../on-mongodb", s.URI)
	cmd.Env = append(os.Environ(), "LIBRARIES=1", "PACKAGES=./pkg/tasks/fixfiletypes")
	out, err := cmd.CombinedOutput()
	text := string(out)
	if err != nil || !strings.Contains(text, "LEFT OUT: explain") ||
		strings.Contains(text, "LEFT OUT: configureFailPoint") ||
		!strings.Contains(text, "pkg/tasks/fixfiletypes") {
		t.Errorf("%v\n%s", err, text)
	}
}

// Nothing is done in a database that somebody else may have.
func TestTheScriptRefusesADatabase(t *testing.T) {
	if mongotest.IsForeign() {
		return
	}
	s := strictmongo.Start(t, strictmongo.Options{})
	cmd := exec.Command("../on-mongodb", s.URI+"library")
	cmd.Env = append(os.Environ(), "PACKAGES=./pkg/tasks/fixfiletypes")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "it must name no database") {
		t.Errorf("%v\n%s", err, out)
	}
}
