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

// The controller's pod reaches the run's pod: how far the run is shows while it is under way.
func TestTheStatusShowsHowFarARunIs(t *testing.T) {
	needCluster(t)
	apply(t, slow)
	waitFor(t, "slow", "the schedule to be ready", func(s schedule) bool { status, _, _ := s.condition("Ready"); return status == "True" })
	runNow(t, "slow")
	var last string
	waitFor(t, "slow", "the run to tell how far it is", func(s schedule) bool {
		if s.Status.LastRun.Run != "" {
			t.Fatalf("the run ended and told nothing: %+v", s.Status.LastRun)
		}
		for _, run := range s.Status.Active {
			if p := run.Progress; p.Step > 0 && p.Attempt == 1 && strings.Contains(s.Status.Message, run.Run+": step ") {
				last = s.Status.Message
				return true
			}
		}
		return false
	})
	t.Log(last)
	waitFor(t, "slow", "the run's result", func(s schedule) bool { return s.Status.LastRun.Outcome == "Succeeded" })
}
