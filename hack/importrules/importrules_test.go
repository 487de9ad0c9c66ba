// Package importrules holds the tests that keep the architecture's arrows pointing down.
package importrules

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "ucorefs.io/maintenance"

// list is what `go list` prints for a template, a line an item.
func list(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Fields(string(out))
}

// A binary must not link what only the other one needs: the job never talks to Kubernetes, the controller, the
// dashboard and the plugin never to MongoDB.
func TestBinariesDoNotLinkWhatTheyMustNotTalkTo(t *testing.T) {
	for binary, forbidden := range map[string][]string{
		"cmd/controller": {"go.mongodb.org/mongo-driver", module + "/pkg/mongodb", module + "/pkg/runner",
			module + "/pkg/tasks"},
		"cmd/dashboard": {"go.mongodb.org/mongo-driver", "sigs.k8s.io/controller-runtime", module + "/pkg/mongodb",
			module + "/pkg/runner",
			module + "/pkg/tasks", module + "/pkg/controller"},
		"cmd/kubectl-maint": {"go.mongodb.org/mongo-driver", "sigs.k8s.io/controller-runtime", module + "/pkg/mongodb",
			module + "/pkg/runner",
			module + "/pkg/tasks", module + "/pkg/controller"},
		"cmd/maint-job": {"sigs.k8s.io/controller-runtime", "k8s.io/client-go", module + "/pkg/controller",
			module + "/pkg/cronjob"},
	} {
		for _, dep := range list(t, "-deps", module+"/"+binary) {
			for _, prefix := range forbidden {
				if dep == prefix || strings.HasPrefix(dep, prefix+"/") {
					t.Errorf("%s links %s", binary, dep)
				}
			}
		}
	}
}

// leaves may be imported by all, the pure contracts included: they import nothing of ours.
var leaves = []string{module + "/pkg/wallclock", module + "/pkg/ellipsis"}

// Each rule names who must not import what, directly, in code that ships (tests may).
func TestPackagesImportOnlyDownwards(t *testing.T) {
	rules := []struct{ who, mustNotImport, because string }{
		{"pkg/jobspec", module, "it is a pure contract that both binaries link"},
		{"pkg/wallclock", module, "it is a leaf that all may use"},
		{"pkg/ellipsis", module, "it is a leaf that all may use"},
		{"pkg/library", module, "a declaration is data"},
		{"pkg/idtable", module, "a table knows ids only"},
		{"pkg/pathhash", module, "a hash knows paths only"},
		{"pkg/bsonvalue", module + "/pkg/mongodb", "a value knows no server"},
		{"pkg/bsonvalue", module + "/pkg/library", "a value knows no library"},
		{"pkg/scan", module + "/pkg/mongodb", "it finds fields in bytes, wherever they come from"},
		{"pkg/recount", "go.mongodb.org/mongo-driver/v2/mongo", "it is pure: documents in, counters out"},
		{"pkg/recount/round", module + "/pkg/tasks", "it is pure: a scan in, what follows out"},
		{"pkg/presence", module + "/pkg/mongodb", "it knows paths and disks, and no database"},
		{"pkg/presence", module + "/pkg/tasks", "what becomes of a record is the task's plan"},
		{"pkg/schedule", module + "/pkg/c", "it is pure: time is an argument"},
		{"pkg/schedule", "k8s.io", "it is pure: no Kubernetes in it"},
		{"pkg/report", "k8s.io", "it is a pure contract that both binaries link"},
		{"pkg/report", "go.mongodb.org", "it is a pure contract that both binaries link"},
		{"pkg/cronjob", "sigs.k8s.io/controller-runtime/pkg/client", "it is pure: a schedule in, a CronJob out"},
		{"pkg/kubectlmaint", "sigs.k8s.io/controller-runtime", "a plugin starts fast, and needs no manager"},
		{"pkg/manifests", "k8s.io", "the job links it"},
		{"pkg/schedulestatus", "k8s.io/client-go", "it is pure: a schedule in, words out"},
		{"pkg/dashboard/view", "k8s.io/client-go", "it is pure: it reads no cluster"},
		{"pkg/dashboard/view", "html/template", "templates make the HTML"},
		{"pkg/dashboard/chart", "k8s.io", "it draws what a view has worked out"},
		{"pkg/dashboard/form", "k8s.io", "it is pure: a schema and values in, fields out"},
		{"pkg/files", "go.mongodb.org", "it knows files only"},
		{"pkg/references", module + "/pkg/tasks", "tasks use it"},
		{"pkg/faiss", module, "it knows index files only"},
		{"pkg/logfile", module + "/pkg/tasks", "a task uses it"},
		{"pkg/logfile", module + "/pkg/jobspec", "a task reads the parameters"},
		{"pkg/vectors", module + "/pkg/tasks", "a task uses it"},
		{"pkg/vectors", module + "/pkg/jobspec", "a task reads the parameters"},
		{"pkg/vectors", module + "/pkg/report", "a task decides the outcome"},
		{"pkg/tasks/", module + "/pkg/tasks/", "tasks never import each other"},
		{"pkg/tasks/", module + "/pkg/runner", "a task does not know who runs it"},
		{"pkg/tasks/", "go.mongodb.org/mongo-driver/v2/mongo", "pkg/mongodb is the only owner of the driver"},
	}
	for _, line := range list(t, "-f", `{{.ImportPath}},{{join .Imports ","}}`, module+"/pkg/...") {
		who, imports, _ := strings.Cut(line, ",")
		who = strings.TrimPrefix(who, module+"/")
		for _, r := range rules {
			if !matches(who, r.who) || who == "pkg/tasks/all" {
				continue
			}
			for _, imported := range strings.Split(imports, ",") {
				if strings.HasPrefix(imported, r.mustNotImport) && !slices.Contains(leaves, imported) {
					t.Errorf("%s imports %s, but %s", who, imported, r.because)
				}
			}
		}
	}
}

// matches tells whether a package is what a rule speaks of: the package itself, or all below it where the rule ends in
// "/".
func matches(pkg, rule string) bool {
	if strings.HasSuffix(rule, "/") {
		return strings.HasPrefix(pkg, rule)
	}
	return pkg == rule
}

// What the product is checked against must not be able to hold the product's own mistake; the server that it is tried
// on must not share those of the driver's client either.
func TestTheOraclesShareNoCodeWithTheProduct(t *testing.T) {
	for oracle, forbidden := range map[string][]string{
		"internal/testing/librarytest": {module + "/pkg/"},
		"hack/demo/local":              {module + "/pkg/"},
		"hack/demo/seed":               {module + "/pkg/"},
		"internal/testing/strictmongo": {module + "/", "go.mongodb.org/mongo-driver/v2/mongo"},
	} {
		for _, imported := range list(t, "-deps", module+"/"+oracle) {
			for _, prefix := range forbidden {
				if strings.HasPrefix(imported, prefix) && imported != module+"/"+oracle {
					t.Errorf("%s links %s", oracle, imported)
				}
			}
		}
	}
}

// The driver has one owner; what is made only for tests may use it too.
func TestOnlyOnePackageImportsTheDriver(t *testing.T) {
	allowed := []string{"pkg/mongodb", "pkg/mongodb/connection", "pkg/mongodb/stores", "pkg/mongodb/admin",
		"internal/testing/mongotest", "internal/testing/librarytest", "hack/demo/local", "hack/demo/seed"}
	for _, line := range list(t, "-f", `{{.ImportPath}},{{join .Imports ","}}`, module+"/...") {
		who, imports, _ := strings.Cut(line, ",")
		who = strings.TrimPrefix(who, module+"/")
		if contains(allowed, who) {
			continue
		}
		for _, imported := range strings.Split(imports, ",") {
			if imported == "go.mongodb.org/mongo-driver/v2/mongo" {
				t.Errorf("%s imports the driver, whose only owner is pkg/mongodb", who)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
