package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// volumeGroup is a group that owns nothing before these tests.
const volumeGroup = 3141

// localClaim makes a folder that belongs to root, with one old file, and a claim of a volume of kind local: the kubelet
// gives such a volume to a pod's fsGroup, but no hostPath. It returns the file.
func localClaim(t *testing.T, name string) (file string) {
	t.Helper()
	folder := filepath.Join(clusterDir(), name)
	file = filepath.Join(folder, "thumbs", "old.jpg")
	write(t, file, "a thumbnail of long ago")
	old := time.Now().AddDate(-1, 0, 0)
	if err := os.Chtimes(file, old, old); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	apply(t, fmt.Sprintf(`
apiVersion: v1
kind: PersistentVolume
metadata: {name: %[1]s}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  local: {path: %[2]s}
  nodeAffinity:
    required:
      nodeSelectorTerms:
        - matchExpressions: [{key: kubernetes.io/os, operator: In, values: [linux]}]
  claimRef: {namespace: %[3]s, name: %[1]s}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: %[1]s}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: ""
  resources: {requests: {storage: 1Gi}}
`, name, folder, namespace))
	return file
}

func groupOf(t *testing.T, path string) uint32 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Gid
}

func TestANewClaimOfRootsIsGivenToTheGroupOfTheRuns(t *testing.T) {
	needCluster(t)
	file := localClaim(t, "fsgroup-cache")
	apply(t, schedYAML("fsgroup-cache", "task: cache-cleanup", `schedule: "0 0 1 1 *"`, "cacheCleanup: {maxAgeDays: 30}",
		"volumes: [{claimName: fsgroup-cache, mountPath: /cache, use: Cache}]",
		fmt.Sprintf("job: {fsGroup: %d}", volumeGroup)))
	s := runByHand(t, "fsgroup-cache")
	if _, err := os.Stat(file); err == nil || s.Status.LastRun.Outcome != "Succeeded" {
		t.Errorf("the old file is there (%v), and the run ended as %+v", err == nil, s.Status.LastRun)
	}
	if group := groupOf(t, filepath.Dir(filepath.Dir(file))); group != volumeGroup {
		t.Errorf("the claim belongs to group %d", group)
	}
}

// TestALibraryKeepsItsGroups runs the pod of a schedule with an fsGroup that the controller never sets, as an admission
// policy may add it. The same pod with a claim that is not read-only as a whole shows that the kubelet would act.
func TestALibraryKeepsItsGroups(t *testing.T) {
	needCluster(t)
	file := localClaim(t, "fsgroup-library")
	apply(t, schedYAML("fsgroup-library", "task: cleanup-orphaned-file-records", `schedule: "0 0 1 1 *"`, "dryRun: true",
		"volumes: [{claimName: fsgroup-library, mountPath: /library, use: Library}]"))
	waitFor(t, "fsgroup-library", "the CronJob", func(s schedule) bool {
		status, _, _ := s.condition("Ready")
		return status == "True"
	})
	for _, test := range []struct {
		job, remove string
		want        uint32
	}{{"fsgroup-policy", "", 0}, {"fsgroup-naive", `"readOnly":true`, volumeGroup}} {
		job := withFSGroup(t, kubectl(t, "create", "job", test.job, "--from=cronjob/fsgroup-library", "--dry-run=client",
			"-o", "json"))
		if test.remove != "" {
			job = strings.ReplaceAll(job, test.remove, `"readOnly":false`)
		}
		apply(t, job)
		waitForPod(t, test.job)
		if group := groupOf(t, file); group != test.want {
			t.Errorf("after the pod of %s a file of the library belongs to group %d, not %d", test.job, group, test.want)
		}
	}
}

// withFSGroup is a Job whose pods ask for the group, as JSON.
func withFSGroup(t *testing.T, job string) string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(job), &object); err != nil {
		t.Fatal(err)
	}
	if err := unstructured.SetNestedField(object, int64(volumeGroup), "spec", "template", "spec", "securityContext",
		"fsGroup"); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// waitForPod waits until the pod of a Job has ended, in whatever way.
func waitForPod(t *testing.T, job string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(500 * time.Millisecond) {
		switch phase := kubectl(t, "get", "pods", "-l", "job-name="+job, "-o", "jsonpath={.items[*].status.phase}"); phase {
		case "Succeeded", "Failed":
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the pod has not ended:\n%s", kubectl(t, "describe", "pods", "-l", "job-name="+job))
		}
	}
}
