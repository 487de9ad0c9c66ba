package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/hack/pages"
)

// TestWhatIsWrittenWorks executes every command in docs/, page after page, with the files that the pages show, as
// somebody would who reads them from the first to the last, and begins with an empty namespace. It is the last test
// here, and leaves nothing of the product in the cluster.
//
// What readers have of their own is there: the tools on the PATH, charts and config in the folder they are in, what
// `make build` and `make images` made, a library in a database, four folders on a node, uri.txt, certificates and a
// config.json.
func TestWhatIsWrittenWorks(t *testing.T) {
	needCluster(t)
	read, err := pages.Read(os.DirFS(filepath.Join(root, "docs")))
	if err != nil {
		t.Fatal(err)
	}
	removeProduct(t)
	removeClaim(t)
	folder := readersFolder(t)
	readersImages(t)
	foldersOfTheNode(t)
	typeReadme(t, folder)
	for _, page := range pages.InOrder(read, "README.md") {
		if script := script(t, page, folder); script != "" {
			before := schedules(t)
			ok := t.Run(page.Path, func(t *testing.T) { execute(t, script, folder) })
			if strings.HasPrefix(page.Path, "tasks/") {
				suspendOthers(t, before)
			}
			if !ok && page.Path == "install.md" {
				t.Fatal("nothing else can work")
			}
		}
	}
}

// schedules are the names of all that there are; none before there is the CRD.
func schedules(t *testing.T) []string {
	t.Helper()
	out, err := run("kubectl", "", "-n", namespace, "get", "msched", "-o", "name")
	if err != nil {
		return nil
	}
	return strings.Fields(out)
}

// suspendOthers keeps the schedules of a task's page from the pages that follow: one of them fires each quarter of an
// hour, and whatever is typed in that moment finds the library locked.
func suspendOthers(t *testing.T, before []string) {
	t.Helper()
	for _, name := range schedules(t) {
		if !slices.Contains(before, name) {
			kubectl(t, "patch", name, "--type=merge", "-p", `{"spec": {"suspend": true}}`)
		}
	}
}

// typeReadme executes the installation of the first page, has one of its schedules do its work now instead of at night,
// and removes what was installed. `make demo` has made this cluster, and `make test` runs this test.
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
	t.Run("README.md, installation", func(t *testing.T) {
		execute(t, script(t, installation, folder), folder)
		if r := runByHand(t, "counts-nightly").Status.LastRun; r.Outcome != "Succeeded" || r.DryRun ||
			r.Counts["filesScanned"] == 0 {
			t.Errorf("the first run of a sample ended as %+v", r)
		}
	})
	removeProduct(t)
}

// limit is how long a command of a page waits. A reader's machine is not busy with other tests.
var limit = regexp.MustCompile(`--timeout=\d+m`)

// theReaders turns the namespace, the node and the folders of a reader into those of this cluster, where the library is
// already.
var theReaders = strings.NewReplacer("kubectl create namespace "+namespace+"\n", "kubectl get namespace "+namespace+
	"\n",
	"/srv/ucorefs", clusterDir(), "[node-1]", "[node]")

// script is what a page has its reader type, each command shown before its output; its files are written to the folder.
// Nothing else is changed than the reader's own, and how long a command waits.
func script(t *testing.T, page pages.Page, folder string) string {
	t.Helper()
	var script strings.Builder
	for _, block := range page.Blocks {
		code := theReaders.Replace(block.Code)
		switch {
		case block.File() != "":
			write(t, filepath.Join(folder, block.File()), code)
		case block.Language == "sh":
			fmt.Fprintf(&script, "echo '# %s:%d'\n%s", page.Path, block.Line, limit.ReplaceAllString(code, "--timeout=10m"))
		}
	}
	return script.String()
}

func execute(t *testing.T, script, folder string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-v")
	cmd.Dir, cmd.Stdin = folder, strings.NewReader(script)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig, "PATH="+filepath.Join(root, "bin")+":"+toolsBin+":"+
		os.Getenv("PATH"))
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
	for _, target := range []string{"build", "images"} {
		if out, err := exec.Command("make", "-C", root, target).CombinedOutput(); err != nil {
			t.Fatalf("make %s: %v\n%s", target, err, out)
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

// readersImages loads what `make images` made, as docs/images.md says for a node, and gives each image the name that it
// has in the readers' registry, from where a cluster with a network would pull it.
func readersImages(t *testing.T) {
	t.Helper()
	chart, err := os.ReadFile(filepath.Join(root, "charts/maintenance/Chart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^appVersion: "(.+)"$`).FindStringSubmatch(string(chart))[1]
	for tar, name := range map[string]string{"maint-job": "maint-job", "controller": "maint-controller",
		"dashboard": "maint-dashboard"} {
		tag := name + ":" + version
		cluster := []string{"--name", clusterName, "--dir", clusterDir()}
		for _, args := range [][]string{
			slices.Concat([]string{"load"}, cluster, []string{filepath.Join(root, "dist", tar+".tar")}),
			slices.Concat([]string{"exec"}, cluster, []string{"--", "ctr", "--namespace", "k8s.io", "images", "tag", "--force",
				"docker.io/ucorefs/" + tag, readersRegistry + "/" + tag}),
		} {
			if out, err := run("cluster", "", args...); err != nil {
				t.Fatalf("cluster %v: %v\n%s", args, err, out)
			}
		}
	}
}

// removeClaim removes the demo's claim of the library, which the pages make again.
func removeClaim(t *testing.T) {
	t.Helper()
	kubectl(t, "delete", "pvc", "ucorefs-library")
	kubectl(t, "delete", "pv", "ucorefs-library")
}

// foldersOfTheNode are those that the pages make claims of, each with something in it to work on. The library's is
// there.
func foldersOfTheNode(t *testing.T) {
	t.Helper()
	for use, file := range map[string]string{"cache": "thumbs/a.jpg", "logs": "app.log", "index": ""} {
		folder := filepath.Join(clusterDir(), use)
		if file != "" {
			write(t, filepath.Join(folder, file), strings.Repeat("x", 1<<20))
		} else if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("chown", "-R", "65532:65532", folder).CombinedOutput(); err != nil {
			t.Fatalf("chown: %v\n%s", err, out)
		}
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
