package e2e

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shared is a schedule whose runs four pods share, on a library that is read slowly.
const shared = `
apiVersion: v1
kind: Secret
metadata: {name: shared-library, namespace: ucorefs}
stringData: {uri: "mongodb://` + libraryAddress + `/"}
---
apiVersion: maintenance.ucorefs.io/v1alpha1
kind: MaintenanceSchedule
metadata: {name: shared, namespace: ucorefs}
spec:
  task: rebuild-all-counts
  schedule: "30 3 1 1 *"
  parallelism: 4
  database: {secretName: shared-library, name: ` + libraryDatabase + `}
`

// Four pods share a run, and one that helps is deleted while it reads: every counter is right afterwards, and there is
// one run.
func TestARunIsSharedByFourPodsOfWhichOneIsDeleted(t *testing.T) {
	needCluster(t)
	claims, library := startLibrary(t)
	apply(t, shared)
	waitFor(t, "shared", "the schedule to be ready", func(s schedule) bool {
		status, _, _ := s.condition("Ready")
		return status == "True"
	})
	runNow(t, "shared")
	deleteHelper(t, claims)
	if _, err := io.WriteString(library, "hurry\n"); err != nil {
		t.Fatal(err)
	}
	first := waitFor(t, "shared", "the run's result", func(s schedule) bool { return s.Status.LastRun.Run != "" })
	if r := first.Status.LastRun; r.Outcome != "Succeeded" || r.Counts["filesScanned"] != libraryFiles ||
		r.Counts["directoriesUpdated"] == 0 {
		t.Errorf("the run ended as %+v", r)
	}
	if runs := kubectl(t, "get", "msched", "shared", "-o",
		"jsonpath={.status.history[*].run}"); len(strings.Fields(runs)) != 1 {
		t.Errorf("the history has the runs %s", runs)
	}
	second := runByHand(t, "shared").Status.LastRun
	if second.Outcome != "Succeeded" || second.Message != "every counter is right" {
		t.Errorf("the second run ended as %+v", second)
	}
}

// deleteHelper deletes the first pod that reads and does not lead. The host name of a pod of an Indexed Job ends with
// its index.
func deleteHelper(t *testing.T, claims <-chan string) {
	t.Helper()
	for holder := range claims {
		parts := strings.Split(holder, "-")
		if index := parts[max(len(parts)-2, 0)]; index != "0" {
			t.Log(kubectl(t, "delete", "pod", "--grace-period=0", "--force", "--selector",
				"maintenance.ucorefs.io/schedule=shared,batch.kubernetes.io/job-completion-index="+index))
			return
		}
	}
	t.Fatal("no pod helped")
}

// inCluster is a command that runs as the cluster's own processes do.
func inCluster(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	arguments := append([]string{"exec", "--name", clusterName, "--dir", clusterDir(), "--"}, args...)
	return exec.CommandContext(t.Context(), filepath.Join(toolsBin, "cluster"), arguments...)
}

// linesOf gives line after line, however many nobody takes.
func linesOf(from io.Reader) <-chan string {
	lines := make(chan string, 10_000)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(from); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	return lines
}
