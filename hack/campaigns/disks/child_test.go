package disks

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// optionsOf tells this program that it is a run, and which.
const optionsOf = "DISKS_OPTIONS"

func TestMain(m *testing.M) {
	if os.Getenv(optionsOf) != "" {
		child()
		return
	}
	os.Exit(m.Run())
}

// asNobody, where it is set, has a run give up the rights of root.
const asNobody = "DISKS_NOBODY"

const nobody = 65534

// child does one run, and prints its result.
func child() {
	if os.Getenv(asNobody) != "" {
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			panic(err)
		}
	}
	var o jobspec.Options
	if err := json.Unmarshal([]byte(os.Getenv(optionsOf)), &o); err != nil {
		panic(err)
	}
	declared, _ := library.Named(library.UCoreFSName)
	r := runner.Run(context.Background(), o, runner.World{
		Tasks: all.Tasks(), Library: declared, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

// runAsNobody does a run in a process that has no rights of root.
func runAsNobody(t *testing.T, o jobspec.Options) (r report.Result) {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), optionsOf+"="+string(text), asNobody+"=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("a run as nobody: %v", err)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("the run printed %q: %v", out, err)
	}
	return r
}
