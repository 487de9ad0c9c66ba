package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// kubectl finds the plugin on PATH, and completes what comes after `kubectl maint` with the script beside it.
func TestKubectlFindsThePluginAndCompletesIt(t *testing.T) {
	kubectl := tooltest.Path(t, "kubectl")
	l := newLab(t)
	l.create("counts-nightly", nil)
	bin := t.TempDir()
	for _, cmd := range []*exec.Cmd{
		exec.Command("go", "build", "-o", filepath.Join(bin, "kubectl-maint"), "."),
		exec.Command("install", "-m", "755", "kubectl_complete-maint", bin),
	} {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, out)
		}
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"list": {[]string{"maint", "list", "--namespace", l.namespace},
			"counts-nightly  True   verify-references"},
		"the names of schedules": {[]string{"__complete", "maint", "run", "--namespace", l.namespace, "cou"},
			"counts-nightly\tverify-references"},
		"the names of subcommand": {[]string{"__complete", "maint", "sus"}, "suspend\t"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(kubectl, c.args...)
			cmd.Env = append(os.Environ(), "KUBECONFIG="+l.kubeconfig, "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), c.says) {
				t.Errorf("kubectl %s: %v\n%s", strings.Join(c.args, " "), err, out)
			}
		})
	}
}
