package charttest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// waivers are what kube-score may say here, each with the reason.
var waivers = map[string]string{
	"CPU limit is not set": "it would slow a run down that has the node to " +
		"itself; memory has one",
	"Ephemeral Storage limit is not set": "the root file system is read-only, and /tmp of a run " +
		"has a size limit of its own",
	"Ephemeral Storage request is not set": "as above",
	"ImagePullPolicy is not set to Always": "a tag is a release, and never moves; " +
		"images.pullPolicy and digest say otherwise",
	"The container is running with a low user ID": "jobs.user has to suit the files on the claims, and " +
		"on OpenShift the cluster chooses",
	"The container running with a low group ID": "as above",
	"The pod does not have a matching NetworkPolicy": "policies are there with networkPolicy.enabled, which " +
		"needs a network that knows them",
	"Deployment few replicas": "one by default: schedules go on without it, and a " +
		"Lease lets more wait",
	"Deployment does not have a host podAntiAffinity set": "spread constraints are the way: see ci/ha-values.yaml",
	"The CronJob should have startingDeadlineSeconds configured": "a schedule with @every has none on purpose: see " +
		"schedule.Schedule.StartingDeadline",
}

// kube-score finds nothing in any way of using the chart, nor in the CronJobs, but what is waived; and no waiver is out
// of date. Seen to fail with the memory limit taken out of the Deployment.
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
	for summary := range waivers {
		if !needed[summary] {
			t.Errorf("nothing needs the waiver %q", summary)
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
			if check.Skipped || check.Grade >= allRight {
				continue
			}
			for _, comment := range check.Comments {
				if waivers[comment.Summary] == "" {
					t.Errorf("%s: %s: %s: %s", name, object.ObjectName, check.Check.ID, comment.Summary)
				}
				needed[comment.Summary] = true
			}
		}
	}
}
