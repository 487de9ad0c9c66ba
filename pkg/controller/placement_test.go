package controller

import (
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// newScheduledLab is a lab with a scheduler of its own and three nodes: the scheduler prefers node-b where nothing
// tells it otherwise.
func newScheduledLab(t *testing.T, now func() time.Time) *lab {
	t.Helper()
	t.Parallel()
	l := newLabOf(t, clustertest.StartAlone(t), now)
	avoided := corev1.Taint{Key: "example.com/busy", Effect: corev1.TaintEffectPreferNoSchedule}
	l.Node(t, "node-a", avoided)
	l.Node(t, "node-b")
	l.Node(t, "node-c", avoided)
	l.StartScheduler(t)
	return l.watched()
}

// createBoundClaim makes a claim with a volume that each node can mount, but only as many at a time as its access mode
// says.
func (l *lab) createBoundClaim(name string, mode corev1.PersistentVolumeAccessMode) {
	l.t.Helper()
	size := corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	modes := []corev1.PersistentVolumeAccessMode{mode}
	volume := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: l.namespace + "-" + name},
		Spec: corev1.PersistentVolumeSpec{
			AccessModes: modes, Capacity: size, ClaimRef: &corev1.ObjectReference{Namespace: l.namespace, Name: name},
			PersistentVolumeSource: corev1.PersistentVolumeSource{NFS: &corev1.NFSVolumeSource{Server: "nas", Path: "/" + name}},
		}}
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name,
			Annotations: map[string]string{"pv.kubernetes.io/bind-completed": "yes"}},
		Spec: corev1.PersistentVolumeClaimSpec{AccessModes: modes, VolumeName: volume.Name,
			Resources: corev1.VolumeResourceRequirements{Requests: size}},
	}
	for _, object := range []client.Object{volume, claim} {
		if err := l.Client.Create(l.t.Context(), object); err != nil {
			l.t.Fatal(err)
		}
	}
}

// ranOn is the node that the scheduler chooses for a run. The run ends there.
func (l *lab) ranOn(name, order string) (node string) {
	l.t.Helper()
	job, pod := l.started(name, order)
	clustertest.Eventually(l.t, "the pod of "+name+" has a node", func() (bool, string) {
		if err := l.Client.Get(l.t.Context(), client.ObjectKeyFromObject(pod), pod); err != nil {
			l.t.Fatal(err)
		}
		return pod.Spec.NodeName != "", conditionsOf(pod)
	})
	l.EndPod(l.t, pod, 0, good())
	l.ended(name, job)
	return pod.Spec.NodeName
}

func conditionsOf(pod *corev1.Pod) (text string) {
	for _, c := range pod.Status.Conditions {
		text += string(c.Type) + " " + string(c.Status) + " " + c.Message + "; "
	}
	return text
}

// The scheduler itself puts a run on the node of the application's pod, and where the application goes the next run
// goes too. Where any node can mount the claim, the run is where the scheduler likes it best. Seen to fail without the
// affinity.
func TestTheSchedulerPutsRunsOnTheNodeThatHasMountedTheirClaim(t *testing.T) {
	var ahead atomic.Int64
	l := newScheduledLab(t, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	l.createBoundClaim("photos", corev1.ReadWriteOnce)
	l.createBoundClaim("shared", corev1.ReadWriteMany)
	l.createPod(appPod("app-1", "node-a", "photos", map[string]string{"app": "ucorefs"}))
	l.create("anywhere", onClaim("shared"))
	l.create("beside", onClaim("photos"))
	if node := l.ranOn("anywhere", "1"); node != "node-b" {
		t.Fatalf("a run that may be anywhere is on %s: the scheduler does not prefer node-b, and the rest would show nothing",
			node)
	}
	if node := l.ranOn("beside", "1"); node != "node-a" {
		t.Errorf("the run is on %s, and the application on node-a", node)
	}

	l.removePod("app-1")
	l.createPod(appPod("app-2", "node-c", "photos", map[string]string{"app": "ucorefs"}))
	if node := l.ranOn("beside", "2"); node != "node-c" {
		t.Errorf("the run is on %s, and the application moved to node-c", node)
	}

	l.createPod(appPod("app-3", "node-b", "shared", map[string]string{"app": "ucorefs"})) // another replica: its labels tell nothing now
	l.lookedAgain("beside", &ahead)
	if node := l.ranOn("beside", "3"); node != "node-c" {
		t.Errorf("the run is on %s, and the replica that has mounted the claim on node-c", node)
	}

	l.removePod("app-2")
	l.lookedAgain("beside", &ahead)
	if node := l.ranOn("beside", "4"); node != "node-b" {
		t.Errorf("the run is on %s, though nobody has mounted the claim", node)
	}
}
