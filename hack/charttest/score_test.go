package charttest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/tooltest"
)

// waivers are kube-score's checks that may find something here, each with the reason.
var waivers = map[string]string{
	"container-resources":                           "no CPU limit: it would slow a run down that has the node to itself; memory has one",
	"container-ephemeral-storage-request-and-limit": "the root file system is read-only, and /tmp of a run has a size limit of its own",
	"container-image-pull-policy":                   "IfNotPresent: a tag is a release, never moved; images.pullPolicy and images.job.digest say otherwise",
	"container-security-context-user-group-id":      "where OpenShift chooses the ids there are none in the chart, and jobs.user has to suit the files on the claims",
	"pod-networkpolicy":                             "policies are there with networkPolicy.enabled, which needs a network that knows them; helm's test pod goes with it",
	"networkpolicy-targets-pod":                     "the runs' pods are made by the controller, not by the chart",
	"deployment-replicas":                           "one replica by default: schedules go on without it, and a Lease lets more wait",
	"deployment-has-host-podantiaffinity":           "with replicas on the same node a spread constraint is the way: see ci/ha-values.yaml",
	"cronjob-has-deadline":                          "a schedule with @every has none on purpose: see schedule.Schedule.StartingDeadline",
}

// kube-score finds nothing in any way of using the chart, nor in the CronJobs, but what is waived; and no waiver is out of date. Seen to
// fail with the memory limit taken out of the Deployment.
func TestKubeScoreFindsNothingThatIsNotWaived(t *testing.T) {
	needed := map[string]bool{}
	for name, file := range ciValues(t) {
		out, err := helm(t, "template", "maintenance", chart(), "--namespace", "ucorefs", "--values", file)
		if err != nil {
			t.Fatal(err)
		}
		score(t, name, out, needed)
	}
	cronJobs, err := filepath.Glob(filepath.Join(tooltest.Root(), "pkg", "cronjob", "testdata", "*.yaml"))
	if err != nil || len(cronJobs) < 4 {
		t.Fatalf("%d CronJobs: %v", len(cronJobs), err)
	}
	for _, file := range cronJobs {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		score(t, filepath.Base(file), string(content), needed)
	}
	for check := range waivers {
		if !needed[check] {
			t.Errorf("nothing needs the waiver of %s", check)
		}
	}
}

func score(t *testing.T, name, objects string, needed map[string]bool) {
	t.Helper()
	cmd := exec.Command(tooltest.Path(t, "kube-score"), "score", "--output-format=json", "-")
	cmd.Stdin = strings.NewReader(objects)
	out, _ := cmd.Output() // it exits with 1 where it finds something
	var scored []struct {
		ObjectName string `json:"object_name"`
		Checks     []struct {
			Check    struct{ ID string }
			Grade    int
			Skipped  bool
			Comments []struct{ Path, Summary string }
		}
	}
	if err := json.Unmarshal(out, &scored); err != nil || len(scored) == 0 {
		t.Fatalf("%s: %d objects: %v\n%s", name, len(scored), err, out)
	}
	const allRight = 10
	for _, object := range scored {
		for _, check := range object.Checks {
			switch {
			case check.Skipped || check.Grade >= allRight:
			case waivers[check.Check.ID] == "":
				t.Errorf("%s: %s: %s: %v", name, object.ObjectName, check.Check.ID, check.Comments)
			default:
				needed[check.Check.ID] = true
			}
		}
	}
}
