package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A command of README.md or docs/ is typed by a test: blocks of the kind sh by hack/e2e, and those of the kind console
// by hack/walkthrough. The others are listed here, each with the reason.
var notTyped = map[string]string{
	"make demo":                "it makes the cluster of hack/e2e, and hack/demo/local tests its first part",
	"make test":                "it is what runs the tests",
	"kubectl create namespace": "the namespace of hack/e2e holds the library already",
	"docker login":             "it asks for the reader's password",
	"make push REGISTRY=":      "hack/supplychain pushes to a registry of its own with the same script",
	"MONGODB_URI=mongodb://... ": "the address is the reader's; cmd/maint-job runs the same commands on a server of " +
		"its own",
	"$ MONGODB_URI=mongodb://... ": "the address is the reader's; cmd/maint-job runs the same commands on a server of " +
		"its own",
	"helm install maintenance charts/maintenance --namespace ucorefs --set images.registry=registry.example/media": "hack/e2e types it in README.md with the registry that it has",
	"helm install maintenance charts/maintenance --namespace ucorefs \\":                                           "hack/charttest renders the chart with such names; the clusters are the reader's",
	"kubectl maint dashboard":                   "it goes on until Ctrl-C; cmd/kubectl-maint has it serve a page to a client",
	"$ kubectl maint list":                      "it is shown with its output; docs/operations.md has it as a command",
	"$ kubectl maint run counts-nightly --wait": "it is shown with its output; docs/rbac.md has it as a command",
	"kubectl port-forward --namespace ucorefs service/maintenance-dashboard": "it serves until somebody stops it",
	"maint-job roots accept /library --digest=DIGEST":                        "the digest is the reader's; tests of the task accept roots by theirs",
	"CRASH_SEED=1 CRASH_SEEDS=1000 go test":                                  campaign,
	"FERRETDB_SEEDS=40 go test":                                              campaign,
	"SYSCALL_STRIDE=1 go test":                                               campaign,
	"SWAPS=1000000 go test":                                                  campaign,
	"MUTATION_STRIDE=1 go test":                                              campaign,
	"maint-job run report-long-paths":                                        "it is in a page that hack/walkthrough writes and whose command it types in step 6",
}

const campaign = "it takes up to hours; make test runs the same tests with less of each"

// command is a line that a reader would type.
var command = regexp.MustCompile(`^\s*(\$ )?([A-Z_]+=\S+ )*(sudo )?(kubectl|helm|make|maint-job|bin/maint-job|go|docker|podman|kind|k3s|minikube|ctr|curl|cosign|git|amtool|mongosh|flux|argocd|hack/\S+) `)

// diagram is a line of a picture.
const diagram = "──▶"

// loose are the commands of a page that no test types because of where they stand. Pages of docs/reference show the
// programs' help.
func loose(page Page) (lines []string) {
	kind, fenced := "", false
	for line := range strings.Lines(page.Text) {
		if fence, isFence := strings.CutPrefix(line, "```"); isFence {
			kind, fenced = strings.TrimSpace(fence), !fenced
			continue
		}
		typed := fenced && (kind == "console" || kind == "sh" && !strings.HasPrefix(line, "make ") && !strings.HasPrefix(line, "kubectl create namespace"))
		code := fenced || strings.HasPrefix(line, "    ")
		if code && !typed && command.MatchString(line) && !strings.Contains(line, diagram) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// Seen to fail for a block without a kind, and for a reason whose command had been reworded.
func TestEveryCommandIsTypedOrTheReasonIsKnown(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := docs(t)
	there["../README.md"] = Page{Path: "../README.md", Text: string(text)}
	used := map[string]bool{}
	for name, page := range there {
		if strings.HasPrefix(name, "reference/") {
			continue
		}
		for _, line := range loose(page) {
			known := false
			for begins := range notTyped {
				if strings.HasPrefix(line, begins) {
					known, used[begins] = true, true
				}
			}
			if !known {
				t.Errorf("docs/%s: no test types %q: put it into a block of the kind sh, or write the reason into notTyped", name, line)
			}
		}
	}
	for begins := range notTyped {
		if !used[begins] {
			t.Errorf("no page has %q any more: take it out of notTyped", begins)
		}
	}
}

func TestWhichLinesAreLoose(t *testing.T) {
	page := Page{Text: "# A\n\n```sh\nkubectl get pods\nmake demo  # x\n```\n\n```text\nhelm list -A\nNAME\n```\n\n    go run .\n\nmake it so\n"}
	if got, want := loose(page), []string{"make demo  # x", "helm list -A", "go run ."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
