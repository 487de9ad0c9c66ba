package charttest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// A package depends on what is in the chart, and not on when or where it was checked out. Seen to fail with `helm
// package` alone, which takes the files' times.
func TestThePackageIsReproducible(t *testing.T) {
	first, second := checkout(t), checkout(t)
	if err := os.Chtimes(filepath.Join(second, "charts/maintenance/values.yaml"), time.Time{},
		time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	if a, b := packageOf(t, first), packageOf(t, second); !bytes.Equal(a, b) {
		t.Errorf("the packages differ: %d and %d bytes", len(a), len(b))
	}
}

// checkout is a repository with the chart as it is here, of one commit that was always made at the same time.
func checkout(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "a checkout")
	for _, path := range []string{"charts/maintenance", "hack/package.sh"} {
		if err := copyTree(filepath.Join(tooltest.Root(), path), filepath.Join(root, path)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "."}, {"-c", "user.name=a", "-c",
		"user.email=a@example.com", "commit", "--quiet", "-m", "a chart"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
	return root
}

// The ways of using the chart that are tested are no part of it, nor is what an editor left.
func TestThePackageHoldsTheChartOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chart.tgz")
	if err := os.WriteFile(path, packageOf(t, checkout(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tar", "tzf", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	for file := range strings.Lines(string(out)) {
		file = strings.TrimSpace(file)
		name := strings.TrimPrefix(file, "maintenance/")
		if name != "Chart.yaml" && name != "README.md" && name != "values.yaml" && name != "values.schema.json" &&
			name != ".helmignore" && !strings.HasPrefix(name, "templates/") && !strings.HasPrefix(name, "files/") {
			t.Errorf("the package holds %s", file)
		}
	}
}

func packageOf(t *testing.T, root string) []byte {
	t.Helper()
	into := t.TempDir()
	cmd := exec.Command(filepath.Join(root, "hack", "package.sh"), into)
	cmd.Env = append(os.Environ(), "TOOLS_BIN="+filepath.Dir(tooltest.Path(t, "helm")))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("package: %v\n%s", err, out)
	}
	made, err := filepath.Glob(filepath.Join(into, "*.tgz"))
	if err != nil || len(made) != 1 {
		t.Fatalf("packages: %v, %v", made, err)
	}
	content, err := os.ReadFile(made[0])
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// copyTree copies a file or a folder; its files get the present time.
func copyTree(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.WriteFile(to, content, info.Mode())
}
