package pages

import (
	"os/exec"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// A clone has no tools yet. Seen to fail when make images built none.
func TestATargetBuildsTheToolsThatItsScriptCalls(t *testing.T) {
	for target, tools := range map[string][]string{
		"images": {"image"}, "push": {"image"}, "release": {"image", "helm"}, "chart": {"helm"},
	} {
		make := exec.Command("make", "--no-print-directory", "--dry-run", target, "REGISTRY=registry.example/media")
		make.Dir = tooltest.Root()
		out, err := make.CombinedOutput()
		if err != nil {
			t.Fatalf("make %s: %v\n%s", target, err, out)
		}
		steps := strings.Split(strings.TrimSpace(string(out)), "\n")
		words := strings.Fields(steps[0])
		if words[0] != "hack/tools/build.sh" || strings.Join(words[1:], " ") != strings.Join(tools, " ") || len(steps) < 2 {
			t.Errorf("make %s begins with %q, not with the building of %v", target, steps[0], tools)
		}
	}
}
