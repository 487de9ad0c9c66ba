package mutations

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// environment says which mutation a process has.
const environment = "CAMPAIGN_MUTATION"

// Each guard is missed by its campaign: without the guard the campaign fails, and with all guards it passes.
// MUTATION_STRIDE is how many mutations are passed over between two: 1 tries each.
func TestEachGuardIsMissedByItsCampaign(t *testing.T) {
	root := module(t)
	programs := build(t, root, overlay(t, root))
	for i, m := range mutations {
		if i%max(1, tooltest.Number(t, "MUTATION_STRIDE", 6)) != 0 {
			continue
		}
		t.Run(m.guard, func(t *testing.T) {
			cmd := exec.Command(programs[m.campaign], "-test.failfast", "-test.timeout=5m", "-test.run="+m.test)
			cmd.Dir = filepath.Join(root, "hack/campaigns", m.campaign)
			cmd.Env = append(os.Environ(), environment+"="+m.guard, "CRASH_SEEDS=150") // it ends when one fails
			out, err := cmd.CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("the campaign passes without the guard:\n%s", tail(out))
			case !strings.Contains(string(out), "--- FAIL: "+m.test), strings.Contains(string(out), "panic:"):
				t.Errorf("the campaign did not come to a verdict: %v\n%s", err, tail(out))
			}
		})
	}
}

func tail(out []byte) string {
	const most = 3000
	return string(out[max(0, len(out)-most):])
}

// module is the folder of the module.
func module(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// overlay writes the files with all mutations, each of which waits for its name in the environment, and the list of
// them that the compiler takes.
func overlay(t *testing.T, root string) (list string) {
	t.Helper()
	dir, replaced := t.TempDir(), map[string]string{}
	for i, m := range mutations {
		file := filepath.Join(root, m.file)
		from := file
		if replaced[file] != "" {
			from = replaced[file]
		}
		source, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), m.old); n != 1 {
			t.Fatalf("%s: %q is %d times in %s: the guard has moved, and the mutation must follow it", m.guard, m.old, n, m.file)
		}
		if replaced[file] == "" {
			replaced[file] = filepath.Join(dir, fmt.Sprintf("%d.go", i))
			source = withImport(source)
		}
		off := fmt.Sprintf("(mutationenv.Getenv(%q) == %q)", environment, m.guard)
		mutated := strings.Replace(string(source), m.old, strings.ReplaceAll(m.new, "OFF", off), 1)
		if err := os.WriteFile(replaced[file], []byte(mutated), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	list = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return list
}

// withImport is a source file that can ask the environment.
func withImport(source []byte) []byte {
	text := string(source)
	at := strings.Index("\n"+text, "\npackage ")
	end := at + strings.Index(text[at:], "\n") + 1
	return []byte(text[:end] + "import mutationenv \"os\"\n" + text[end:])
}

// build compiles the campaigns with all mutations in them.
func build(t *testing.T, root, overlay string) map[string]string {
	t.Helper()
	programs, dir := map[string]string{}, t.TempDir()
	for _, campaign := range []string{crashes, disks, swaps, claims, folders, stored} {
		programs[campaign] = filepath.Join(dir, filepath.Base(campaign))
		cmd := exec.Command("go", "test", "-c", "-overlay="+overlay, "-o", programs[campaign],
			"./"+filepath.Join("hack/campaigns", campaign))
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", campaign, err, out)
		}
	}
	for campaign, program := range programs {
		out, err := exec.Command(program, "-test.list=.").CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", campaign, err, out)
		}
	}
	return programs
}
