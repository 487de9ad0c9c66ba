// Package e2e runs the demo on a real cluster of its own and then uses the product as its user does: with kubectl and
// helm.
//
// It runs only where E2E_TEST=1, since it needs root and the built tools: `make test` sets it.
package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	clusterName = "e2e"
	namespace   = "ucorefs"
)

var (
	root       = repositoryRoot()
	toolsBin   = envOr("TOOLS_BIN", filepath.Join(root, ".tools", "bin"))
	kubeconfig = filepath.Join(root, ".cluster", clusterName, "kubeconfig")
)

func TestMain(m *testing.M) {
	if address := os.Getenv(serveLibrary); address != "" {
		serve(address)
	}
	if os.Getenv("E2E_TEST") != "1" {
		os.Exit(m.Run()) // each test then says that it is skipped
	}
	_ = demo("down") // what an earlier run that was killed may have left
	if err := demo("up"); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: make demo:", err)
		_ = demo("down")
		os.Exit(1)
	}
	code := m.Run()
	if err := demo("down"); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: make demo-down:", err)
		code = 1
	}
	os.Exit(code)
}

// demo runs the demo's script on the tests' own cluster, its output shown as it comes.
func demo(verb string) error {
	cmd := exec.Command(filepath.Join(root, "hack", "demo", "demo.sh"), verb)
	cmd.Env = append(os.Environ(), "CLUSTER="+clusterName, "DEMO_CLUSTER=local")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd.Run()
}

func needCluster(t *testing.T) {
	t.Helper()
	if os.Getenv("E2E_TEST") != "1" {
		t.Skip("the end-to-end tests need root and the built tools: run make test as root")
	}
}

// run is a tool's output, standard error included, and whether it succeeded.
func run(tool, stdin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(toolsBin, tool), args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// kubectl must succeed; its output comes back.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := run("kubectl", "", append([]string{"--namespace", namespace}, args...)...)
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// apply sends a manifest and removes it when the test ends.
func apply(t *testing.T, manifest string) {
	t.Helper()
	out, err := run("kubectl", manifest, "--namespace", namespace, "apply", "-f", "-")
	if err != nil {
		t.Fatalf("kubectl apply: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		_, _ = run("kubectl", manifest, "--namespace", namespace, "delete", "--ignore-not-found", "-f", "-")
	})
}

// schedule is what the tests read of a MaintenanceSchedule.
type schedule struct {
	Metadata struct{ Name string }
	Status   struct {
		RunNow  string
		Message string
		Active  []struct {
			Run      string
			Progress struct{ Step int }
		}
		LastRun struct {
			Run, Task, Outcome, Reason, Message string
			DryRun                              bool
			Counts                              map[string]int64
		}
		Conditions []struct{ Type, Status, Reason, Message string }
	}
}

func (s schedule) condition(kind string) (status, reason, message string) {
	for _, c := range s.Status.Conditions {
		if c.Type == kind {
			return c.Status, c.Reason, c.Message
		}
	}
	return "", "", ""
}

func load(t *testing.T, name string) (s schedule) {
	t.Helper()
	if err := json.Unmarshal([]byte(kubectl(t, "get", "msched", name, "-o", "json")), &s); err != nil {
		t.Fatalf("read schedule %s: %v", name, err)
	}
	return s
}

// patience is how long waitFor waits: much longer than anything here takes on a busy machine.
const patience = 5 * time.Minute

// waitFor polls until the condition holds, and shows the schedule when it does not in time.
func waitFor(t *testing.T, name, what string, holds func(schedule) bool) schedule {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		s := load(t, name)
		if holds(s) {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s:\n%s\n%s", what, kubectl(t, "describe", "msched", name),
				kubectl(t, "get", "cronjobs,jobs,pods"))
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// runNow gives an order, once the controller has seen the schedule: before that it would be none.
func runNow(t *testing.T, name string) string {
	t.Helper()
	kubectl(t, "wait", "msched", name, "--for=jsonpath={.status.lastOrder.uid}", "--timeout=5m")
	value := fmt.Sprint(time.Now().UnixNano())
	kubectl(t, "annotate", "msched", name, "--overwrite", "maintenance.ucorefs.io/run-now="+value)
	return value
}

// runByHand runs a schedule now, one that does not fire by itself meanwhile, and returns it with the result. A run that
// met the lock of another did nothing, and is tried again.
func runByHand(t *testing.T, name string) schedule {
	t.Helper()
	for {
		before := load(t, name).Status.LastRun.Run
		value := runNow(t, name)
		s := waitFor(t, name, "the manual run's result", func(s schedule) bool {
			return s.Status.RunNow == value && s.Status.LastRun.Run != before
		})
		if s.Status.LastRun.Reason != "Locked" {
			return s
		}
	}
}

func repositoryRoot() string {
	if os.Getenv(serveLibrary) != "" {
		return "" // within the cluster there is none
	}
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		panic(fmt.Sprintf("find the repository: %v", err))
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}
