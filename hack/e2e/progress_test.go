package e2e

import (
	"strings"
	"testing"
)

// slow is a schedule whose pod gets so little processor time that its run takes a while.
const slow = `
apiVersion: maintenance.ucorefs.io/v1alpha1
kind: MaintenanceSchedule
metadata: {name: slow, namespace: ucorefs}
spec:
  task: rebuild-all-counts
  schedule: "30 3 1 1 *"
  dryRun: true
  job:
    resources:
      requests: {cpu: 10m}
      limits: {cpu: 10m}
`

// The controller's pod reaches the run's pod: how far the run is shows while it is under way. With so little time a pod may answer too
// late each time that it is asked, every ten seconds; then another run has to tell.
func TestTheStatusShowsHowFarARunIs(t *testing.T) {
	needCluster(t)
	apply(t, slow)
	waitFor(t, "slow", "the schedule to be ready", func(s schedule) bool { status, _, _ := s.condition("Ready"); return status == "True" })
	for attempt := range 3 {
		if told := whatARunTells(t); told != "" {
			t.Log(told)
			return
		}
		t.Logf("run %d ended and told nothing", attempt+1)
	}
	t.Error("no run told how far it was")
}

// whatARunTells is the status message of a run that is under way, if it told one; the run has ended well then.
func whatARunTells(t *testing.T) (told string) {
	t.Helper()
	before := load(t, "slow").Status.LastRun.Run
	runNow(t, "slow")
	ended := waitFor(t, "slow", "the run's result", func(s schedule) bool {
		for _, run := range s.Status.Active {
			if p := run.Progress; p.Step > 0 && p.Attempt == 1 && strings.Contains(s.Status.Message, run.Run+": step ") {
				told = s.Status.Message
			}
		}
		return s.Status.LastRun.Run != before
	})
	if ended.Status.LastRun.Outcome != "Succeeded" {
		t.Fatalf("the run ended as %+v", ended.Status.LastRun)
	}
	return told
}
