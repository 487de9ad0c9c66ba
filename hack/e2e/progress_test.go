package e2e

import (
	"strings"
	"testing"
)

// gated is a schedule whose runs wait at the idle gate, and the Service that they ask. No pod is behind it yet, and a
// probe that does not answer counts as busy.
const gated = `
apiVersion: maintenance.ucorefs.io/v1alpha1
kind: MaintenanceSchedule
metadata: {name: gated, namespace: ucorefs}
spec:
  task: rebuild-all-counts
  schedule: "30 3 1 1 *"
  dryRun: true
  idle:
    threshold: 1s
    maxWait: 30m
    http: {url: "http://gate.ucorefs.svc.cluster.local:8081/healthz"}
---
apiVersion: v1
kind: Service
metadata: {name: gate, namespace: ucorefs}
spec:
  selector: {app.kubernetes.io/component: nobody}
  ports: [{port: 8081}]
`

// openGate puts the controller's pod behind the Service: its health endpoint answers 200, which means idle.
const openGate = `{"spec": {"selector": {"app.kubernetes.io/component": "controller"}}}`

// The controller's pod reaches the run's pod, and the schedule's status shows how far the run is. The speed of the
// machine does not matter: the run waits until the test has seen its progress.
func TestTheStatusShowsHowFarARunIs(t *testing.T) {
	needCluster(t)
	apply(t, gated)
	waitFor(t, "gated", "the schedule to be ready", func(s schedule) bool {
		status, _, _ := s.condition("Ready")
		return status == "True"
	})
	runNow(t, "gated")
	waiting := waitFor(t, "gated", "the status to say that the run waits", func(s schedule) bool {
		return len(s.Status.Active) == 1 && s.Status.Active[0].Progress.Step == 1 &&
			s.Status.Message == s.Status.Active[0].Run+": step 1, waiting until the library is idle"
	})
	run := waiting.Status.Active[0].Run
	kubectl(t, "patch", "service", "gate", "--patch", openGate)
	ended := waitFor(t, "gated", "the run's result", func(s schedule) bool { return s.Status.LastRun.Run == run })
	if ended.Status.LastRun.Outcome != "Succeeded" || strings.Contains(ended.Status.Message, "step") {
		t.Errorf("the run ended as %+v, and the status says %q", ended.Status.LastRun, ended.Status.Message)
	}
}
