package clustertest

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// StartScheduler starts the kube-scheduler. It takes every pod of the cluster, so that only a cluster of StartAlone
// may have one.
func (c *Cluster) StartScheduler(t testing.TB) {
	t.Helper()
	if err := c.startProgram(tooltest.Path(t, "kube-scheduler")); err != nil {
		t.Fatalf("start the kube-scheduler: %v", err)
	}
}

// Node is a node that is ready, with room for many pods, and with these taints. It has no kubelet: what is bound to
// it stays pending.
func (c *Cluster) Node(t testing.TB, name string, taints ...corev1.Taint) {
	t.Helper()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelHostname: name}}}
	if err := c.Client.Create(t.Context(), node); err != nil {
		t.Fatalf("create the node %s: %v", name, err)
	}
	before := node.DeepCopy()
	node.Spec.Taints = taints // without the one that says that a new node is not ready
	if err := c.Client.Patch(t.Context(), node, client.MergeFrom(before)); err != nil {
		t.Fatalf("taint the node %s: %v", name, err)
	}
	before = node.DeepCopy()
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	node.Status.Allocatable = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("16Gi"),
		corev1.ResourcePods: resource.MustParse("100"),
	}
	node.Status.Capacity = node.Status.Allocatable
	if err := c.Client.Status().Patch(t.Context(), node, client.MergeFrom(before)); err != nil {
		t.Fatalf("make the node %s ready: %v", name, err)
	}
}
