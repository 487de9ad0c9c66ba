package controller

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

func (l *lab) createClaim(name string, modes ...corev1.PersistentVolumeAccessMode) {
	l.t.Helper()
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: modes,
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		}}
	if err := l.Client.Create(l.t.Context(), claim); err != nil {
		l.t.Fatal(err)
	}
}

// appPod is a pod of the application on a node, which has mounted a claim.
func appPod(name, node, claim string, labels map[string]string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, Spec: corev1.PodSpec{
		NodeName: node, ServiceAccountName: serviceAccount, RestartPolicy: corev1.RestartPolicyAlways,
		Containers: []corev1.Container{{Name: "app", Image: "app",
			VolumeMounts: []corev1.VolumeMount{{Name: "data", MountPath: "/data"}}}},
		Volumes: []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}}}},
	}}
}

func (l *lab) createPod(pod *corev1.Pod) {
	l.t.Helper()
	pod.Namespace = l.namespace
	if err := l.Client.Create(l.t.Context(), pod); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) removePod(name string) {
	l.t.Helper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name}}
	if err := l.Client.Delete(l.t.Context(), pod, client.GracePeriodSeconds(0)); err != nil {
		l.t.Fatal(err)
	}
}

func affinityOf(c *batchv1.CronJob) *corev1.Affinity {
	return c.Spec.JobTemplate.Spec.Template.Spec.Affinity
}

func onClaim(claim string) v1alpha1.MaintenanceScheduleSpec {
	return v1alpha1.MaintenanceScheduleSpec{Task: "cache-cleanup", Schedule: "0 3 1 1 *",
		Volumes: []v1alpha1.VolumeSpec{{ClaimName: claim, MountPath: "/cache", Use: "Cache"}}}
}

// lookedAgain has the controller look at a schedule after its knowledge of the claims is out of date. It returns when
// it has.
func (l *lab) lookedAgain(name string, clock *atomic.Int64) {
	l.t.Helper()
	clock.Add(int64(2 * holdersFor))
	l.change(name, func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Spec.HistoryLimit = new(int32(1 + clock.Load()/int64(time.Minute)))
	})
	l.untilSeen(name)
}

// Runs start on the node of the application's pod as long as it has mounted the claim, and nowhere in particular when
// it is gone. What has not changed is not written. Seen to fail without the affinity, and with the affinity kept.
func TestRunsStayBesideThePodThatHasMountedTheirClaim(t *testing.T) {
	var ahead atomic.Int64
	l := newLabAt(t, func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })
	l.createClaim("photos", corev1.ReadWriteOnce)
	l.createPod(appPod("app-1", "node-a", "photos", map[string]string{"app": "ucorefs", "pod-template-hash": "1"}))
	l.create("cache", onClaim("photos"))
	want := &corev1.Affinity{PodAffinity: &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{
		{TopologyKey: "kubernetes.io/hostname",
			LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "ucorefs"}}}}}}
	made := l.untilCronJob("cache", "is beside the application",
		func(c *batchv1.CronJob) bool { return cmp.Equal(affinityOf(c), want) })

	l.removePod("app-1")
	l.createPod(appPod("app-2", "node-b", "photos", map[string]string{"app": "ucorefs", "pod-template-hash": "2"}))
	l.lookedAgain("cache", &ahead)
	if again := l.cronJob("cache"); again.ResourceVersion != made.ResourceVersion {
		t.Errorf("the application moved, and the CronJob was written anew: %v", affinityOf(again))
	}
	l.removePod("app-2")
	l.lookedAgain("cache", &ahead)
	l.untilCronJob("cache", "is beside nobody", func(c *batchv1.CronJob) bool { return affinityOf(c) == nil })
}

func TestRunsOnAClaimThatManyNodesMountMayBeAnywhere(t *testing.T) {
	l := newLab(t)
	l.createClaim("photos", corev1.ReadWriteOnce, corev1.ReadWriteMany)
	l.createPod(appPod("app-1", "node-a", "photos", map[string]string{"app": "ucorefs"}))
	l.create("cache", onClaim("photos"))
	l.untilReady("cache")
	if got := affinityOf(l.cronJob("cache")); got != nil {
		t.Errorf("the affinity is %v", got)
	}
}

// A claim for one pod only cannot be shared: the run waits, and its schedule names the pod that is in the way.
func TestARunThatWaitsForAClaimOfOnePodSaysWhichPodHasIt(t *testing.T) {
	l := newLab(t)
	l.createClaim("photos", corev1.ReadWriteOncePod)
	l.createPod(appPod("app-1", "node-a", "photos", map[string]string{"app": "ucorefs"}))
	l.create("cache", onClaim("photos"))
	_, pod := l.started("cache", "1")
	before := pod.DeepCopy()
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse,
		Reason: corev1.PodReasonUnschedulable, Message: "0/1 nodes are available"}}
	if err := l.Client.Status().Patch(t.Context(), pod, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	c := l.untilCondition("cache", v1alpha1.ConditionRunBlocked, metav1.ConditionTrue, v1alpha1.ReasonUnschedulable)
	says(t, "the condition", c.Message, "0/1 nodes are available", "ReadWriteOncePod", "the pod app-1 has mounted it")
}

func TestBesideWhichPodARunIs(t *testing.T) {
	app := map[string]string{"app": "ucorefs", "controller-revision-hash": "x"}
	claims := map[string]corev1.PersistentVolumeAccessMode{"photos": corev1.ReadWriteOnce, "cache": corev1.ReadWriteOnce}
	ofJob, ended := appPod("import", "node-a", "photos", app), appPod("ended", "node-a", "photos", app)
	ofJob.Spec.RestartPolicy, ended.Status.Phase = corev1.RestartPolicyNever, corev1.PodFailed
	byLabels := cronjob.Colocated{Labels: map[string]string{"app": "ucorefs"}}
	for name, test := range map[string]struct {
		pods []*corev1.Pod
		want []cronjob.Colocated
	}{
		"nobody has mounted it":              {[]*corev1.Pod{appPod("a", "node-a", "other", app)}, nil},
		"a pod that waits for a node":        {[]*corev1.Pod{appPod("a", "", "photos", app)}, nil},
		"a pod of a Job, and one that ended": {[]*corev1.Pod{ofJob, ended}, nil},
		"one pod": {[]*corev1.Pod{appPod("a", "node-a", "photos", app)},
			[]cronjob.Colocated{byLabels}},
		"two replicas on one node": {[]*corev1.Pod{appPod("a", "node-a", "photos", app),
			appPod("b", "node-a", "photos", app)}, []cronjob.Colocated{byLabels}},
		"a pod elsewhere with the same labels": {[]*corev1.Pod{appPod("a", "node-a", "photos", app),
			appPod("b", "node-b", "other", app)}, []cronjob.Colocated{{Node: "node-a"}}},
		"a pod without labels": {[]*corev1.Pod{appPod("a", "node-a", "photos", nil)}, []cronjob.Colocated{{Node: "node-a"}}},
		"two claims of two pods": {[]*corev1.Pod{appPod("a", "node-a", "photos", app), appPod("b", "node-a", "cache",
			map[string]string{"app": "web"})},
			[]cronjob.Colocated{byLabels, {Labels: map[string]string{"app": "web"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			var pods []corev1.Pod
			for _, pod := range test.pods {
				pods = append(pods, *pod)
			}
			got, exclusive := colocatedHolders(pods, claims)
			if diff := cmp.Diff(test.want, got); diff != "" || exclusive != "" {
				t.Errorf("%s (-want +got):\n%s", exclusive, diff)
			}
		})
	}
}
