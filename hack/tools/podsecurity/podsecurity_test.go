// Package podsecurity holds the test that every pod of the chart and of the controller passes Pod Security
// "restricted", asked of the very library by which API servers decide it.
package podsecurity

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

const repository = "../../.."

// restricted is the strictest level, in the version of the API servers that are built here.
var restricted = api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}

// Seen to fail with a capability that is not dropped, with a volume of the host, and with a pod that may run as root.
func TestEveryPodIsRestricted(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	pods := 0
	for name, documents := range everything(t) {
		for _, document := range strings.Split(documents, "\n---\n") {
			meta, spec := podOf(t, document)
			if spec == nil {
				continue
			}
			pods++
			if result := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, meta, spec)); !result.Allowed {
				t.Errorf("%s: %s: %s", name, meta.Name, result.ForbiddenDetail())
			}
		}
	}
	if pods < 15 {
		t.Errorf("there are %d pods only", pods)
	}
}

// everything is the chart in each way of using it, and the CronJobs and Jobs that the controller makes.
func everything(t *testing.T) map[string]string {
	t.Helper()
	documents := map[string]string{}
	files, err := filepath.Glob(filepath.Join(repository, "charts", "maintenance", "ci", "*-values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		out, err := exec.Command(helm(t), "template", "maintenance", filepath.Join(repository, "charts", "maintenance"),
			"--values", file).Output()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		documents[filepath.Base(file)] = string(out)
	}
	made, err := filepath.Glob(filepath.Join(repository, "pkg", "cronjob", "testdata", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range made {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		documents[filepath.Base(file)] = string(content)
	}
	return documents
}

func helm(t *testing.T) string {
	t.Helper()
	bin := os.Getenv("TOOLS_BIN")
	if bin == "" {
		bin = filepath.Join(repository, ".tools", "bin")
	}
	path := filepath.Join(bin, "helm")
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("REQUIRE_ALL") == "1" {
			t.Fatal("helm is not built: run make tools")
		}
		t.Skip("helm is not built: run make tools")
	}
	return path
}

// podOf is the pod in an object that has one.
func podOf(t *testing.T, document string) (*metav1.ObjectMeta, *corev1.PodSpec) {
	t.Helper()
	var kind metav1.TypeMeta
	read := func(into any) {
		if err := yaml.Unmarshal([]byte(document), into); err != nil {
			t.Fatalf("%v:\n%s", err, document)
		}
	}
	read(&kind)
	switch kind.Kind {
	case "Pod":
		var o corev1.Pod
		read(&o)
		return &o.ObjectMeta, &o.Spec
	case "Deployment":
		var o appsv1.Deployment
		read(&o)
		return &o.ObjectMeta, &o.Spec.Template.Spec
	case "Job":
		var o batchv1.Job
		read(&o)
		return &o.ObjectMeta, &o.Spec.Template.Spec
	case "CronJob":
		var o batchv1.CronJob
		read(&o)
		return &o.ObjectMeta, &o.Spec.JobTemplate.Spec.Template.Spec
	}
	return nil, nil
}
