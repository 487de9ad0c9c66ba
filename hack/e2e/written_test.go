package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/hack/pages"
)

// TestWhatIsWrittenWorks executes every command in docs/, page after page, with the files that the pages show, as somebody would who
// reads them from the first to the last, and begins with an empty namespace. It is the last test here, and leaves nothing of the
// product in the cluster.
//
// What readers have of their own is there: the tools on the PATH, charts and config in the folder they are in, their images, a library
// in a database, four claims, uri.txt, certificates and a config.json.
func TestWhatIsWrittenWorks(t *testing.T) {
	needCluster(t)
	read, err := pages.Read(os.DirFS(filepath.Join(root, "docs")))
	if err != nil {
		t.Fatal(err)
	}
	removeProduct(t)
	folder := readersFolder(t)
	readersImages(t)
	readersClaims(t)
	typeReadme(t, folder)
	for _, page := range pages.InOrder(read, "README.md") {
		if script := script(t, page, folder); script != "" {
			ok := t.Run(page.Path, func(t *testing.T) { execute(t, script, folder) })
			if !ok && page.Path == "install.md" {
				t.Fatal("nothing else can work")
			}
		}
	}
}

// typeReadme executes the installation of the first page, and removes what it installed. `make demo` has made this cluster, and
// `make test` runs this test.
func typeReadme(t *testing.T, folder string) {
	t.Helper()
	first, err := pages.Read(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	var installation pages.Page
	for _, page := range first {
		for _, block := range page.Blocks {
			if page.Path == "README.md" && block.Language == "sh" && !strings.HasPrefix(block.Code, "make ") {
				installation.Blocks = append(installation.Blocks, block)
			}
		}
	}
	if len(installation.Blocks) == 0 {
		t.Fatal("README.md installs nothing")
	}
	installation.Path = "README.md"
	t.Run("README.md, installation", func(t *testing.T) { execute(t, script(t, installation, folder), folder) })
	removeProduct(t)
}

// script is what a page has its reader type, each command shown before its output; its files are written to the folder. The library,
// and with it the namespace, is there already: that is the only line which cannot be typed.
func script(t *testing.T, page pages.Page, folder string) string {
	t.Helper()
	var script strings.Builder
	for _, block := range page.Blocks {
		switch {
		case block.File() != "":
			write(t, filepath.Join(folder, block.File()), block.Code)
		case block.Language == "sh":
			code := strings.Replace(block.Code, "kubectl create namespace "+namespace+"\n", "kubectl get namespace "+namespace+"\n", 1)
			fmt.Fprintf(&script, "echo '# %s:%d'\n%s", page.Path, block.Line, code)
		}
	}
	return script.String()
}

func execute(t *testing.T, script, folder string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-v")
	cmd.Dir, cmd.Stdin = folder, strings.NewReader(script)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "PATH="+filepath.Join(folder, "bin")+":"+toolsBin+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		state, _ := run("kubectl", "", "-n", namespace, "get", "msched,cronjobs,jobs,pods", "-o", "wide")
		t.Fatalf("%v\n%s\n%s", err, out, state)
	}
	t.Logf("%s", out)
}

// removeProduct leaves the cluster as somebody has it who never heard of this: the library is there, and nothing else.
func removeProduct(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{
		{"helm", "uninstall", "maintenance", "-n", namespace, "--ignore-not-found", "--wait"},
		{"kubectl", "delete", "crd", "maintenanceschedules.maintenance.ucorefs.io", "--ignore-not-found"},
		{"kubectl", "delete", "cronjobs,jobs", "--all", "-n", namespace},
		{"kubectl", "delete", "secret", "ucorefs-mongodb", "-n", namespace, "--ignore-not-found"},
	} {
		if out, err := run(args[0], "", args[1:]...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
}

// readersFolder is the folder that readers are in.
func readersFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"charts", "config"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, binary := range []string{"maint-job", "kubectl-maint"} {
		build := exec.Command("go", "build", "-o", filepath.Join(folder, "bin", binary), "./cmd/"+binary)
		build.Dir = root
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", binary, err, out)
		}
	}
	config, err := os.ReadFile(filepath.Join(root, "pkg/manifests/testdata/config.json"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "config.json"), string(config))
	for _, name := range []string{"ca.crt", "tls.crt", "tls.key"} {
		write(t, filepath.Join(folder, name), "what an authority gave somebody")
	}
	write(t, filepath.Join(folder, "uri.txt"), "mongodb://ferretdb."+namespace+".svc.cluster.local:27017/")
	write(t, filepath.Join(folder, "films.txt"), "mongodb://ferretdb."+namespace+".svc.cluster.local:27017/ucorefs")
	return folder
}

// readersRegistry is images.registry of the documents' values.yaml.
const readersRegistry = "registry.example.com/ucorefs"

// readersImages loads the demo's images under the names that they have in the readers' registry.
func readersImages(t *testing.T) {
	t.Helper()
	chart, err := os.ReadFile(filepath.Join(root, "charts/maintenance/Chart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^appVersion: "(.+)"$`).FindStringSubmatch(string(chart))[1]
	for binary, name := range map[string]string{"maint-job": "maint-job", "controller": "maint-controller", "dashboard": "maint-dashboard"} {
		tar := filepath.Join(t.TempDir(), binary+".tar")
		for _, args := range [][]string{
			{"image", "--binary", filepath.Join(root, "bin", binary), "--name", readersRegistry + "/" + name + ":" + version, "--entrypoint", "/" + binary, "--user", "65532:65532", "--out", tar},
			{"cluster", "load", "--name", clusterName, "--dir", filepath.Dir(kubeconfig), tar},
		} {
			if out, err := run(args[0], "", args[1:]...); err != nil {
				t.Fatalf("%v: %v\n%s", args, err, out)
			}
		}
	}
}

// readersClaims makes the claims that the pages name, each with something in it to work on. The library's is the demo's.
func readersClaims(t *testing.T) {
	t.Helper()
	for use, file := range map[string]string{"cache": "thumbs/a.jpg", "logs": "app.log", "index": ""} {
		folder := filepath.Join(filepath.Dir(kubeconfig), use)
		if file != "" {
			write(t, filepath.Join(folder, file), strings.Repeat("x", 1<<20))
		} else if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("chown", "-R", "65532:65532", folder).CombinedOutput(); err != nil {
			t.Fatalf("chown: %v\n%s", err, out)
		}
		apply(t, fmt.Sprintf(`
apiVersion: v1
kind: PersistentVolume
metadata: {name: ucorefs-%[1]s}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: %[2]s}
  claimRef: {namespace: %[3]s, name: ucorefs-%[1]s}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ucorefs-%[1]s}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
`, use, folder, namespace))
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
