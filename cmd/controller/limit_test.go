package main

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// Of more runs than the chart allows at once the others wait for a place, say so, and go on by themselves. Seen to fail
// without the ResourceQuota.
func TestMoreRunsThanAllowedWaitForTheirPlace(t *testing.T) {
	r := install(t, "database.secretName=ucorefs-mongodb", "jobs.maxConcurrent=1")
	clustertest.Eventually(t, "the limit is counted", func() (bool, string) {
		var quotas corev1.ResourceQuotaList
		err := r.Client.List(t.Context(), &quotas, client.InNamespace(r.namespace))
		return err == nil && len(quotas.Items) == 1 && len(quotas.Items[0].Status.Used) > 0,
			fmt.Sprintf("%+v, %v", quotas.Items, err)
	})
	r.startReplica()
	r.create("first", "1")
	pod := r.PodOf(t, r.namespace, r.untilActive("first"))
	r.create("second", "1")
	waits := r.untilActive("second")
	clustertest.Eventually(t, "the second one says that it waits", func() (bool, string) {
		status := r.schedule("second").Status
		blocked := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionRunBlocked)
		return blocked != nil && blocked.Reason == v1alpha1.ReasonPodsForbidden, fmt.Sprintf("%+v", status)
	})
	var pods corev1.PodList
	if err := r.Client.List(t.Context(), &pods, client.InNamespace(r.namespace)); err != nil || len(pods.Items) != 1 {
		t.Fatalf("%d pods, %v", len(pods.Items), err)
	}
	good := string(report.Result{SchemaVersion: report.SchemaVersion, Outcome: report.Succeeded,
		Message: "all is well"}.Termination())
	r.EndPod(t, pod, 0, good)
	r.EndPod(t, r.PodOf(t, r.namespace, waits), 0, good)
	r.untilLastRun("second", "all is well")
}
