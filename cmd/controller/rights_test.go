package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// The controller works with the chart's rights and none else: the API server forbids it nothing, and the roles hold
// nothing that it did not use here. Seen to fail with the right to get Jobs taken out of the chart's role, and with one
// to patch Events of the older kind put in.
func TestTheChartsRolesAreWhatTheControllerNeeds(t *testing.T) {
	r := install(t, "database.secretName=ucorefs-mongodb")
	replica := r.startReplica()
	r.create("nightly", "1")
	r.createOnClaim("cache")
	pod := r.PodOf(t, r.namespace, r.untilActive("nightly"))
	checkPod(t, pod)
	r.HoldPod(t, pod, time.Hour)
	clustertest.Eventually(t, "the controller asks why the pod does not start", func() (bool, string) {
		return meta.FindStatusCondition(r.schedule("nightly").Status.Conditions, v1alpha1.ConditionRunBlocked) != nil, ""
	})
	r.annotate("nightly", v1alpha1.AnnotationThrottle, "Off")
	clustertest.Eventually(t, "the pod is told the new throttle", func() (bool, string) {
		var told corev1.Pod
		err := r.Client.Get(t.Context(), client.ObjectKeyFromObject(pod), &told)
		return told.Annotations[v1alpha1.AnnotationThrottle] != "", fmt.Sprint(told.Annotations, err)
	})
	r.EndPod(t, pod, 0, string(report.Result{SchemaVersion: report.SchemaVersion, Outcome: report.Succeeded,
		Message: "all is well"}.Termination()))
	r.untilLastRun("nightly", "all is well")
	for range 2 { // the same Event twice makes a series of it, which is a patch
		r.damageCronJob("nightly")
	}
	r.deleteRun("nightly", "2")
	clustertest.Eventually(t, "the repairs are a series", func() (bool, string) {
		allowed, _ := r.Accesses(t, r.account())
		return allowed[clustertest.Access{Verb: "patch", Group: "events.k8s.io", Resource: "events", Namespace: r.namespace}],
			fmt.Sprint(allowed)
	})
	if !strings.Contains(replica.get(replica.metrics, "/metrics"),
		fmt.Sprintf("maintenance_schedule_suspended{schedule=\"nightly\",schedule_namespace=%q", r.namespace)) {
		t.Error("there are no metrics of the schedule")
	}
	replica.stop()
	if _, forbidden := r.Accesses(t, r.account()); len(forbidden) > 0 {
		t.Errorf("the API server forbade %v", forbidden)
	}
	if diff := cmp.Diff(r.granted(), r.used()); diff != "" {
		t.Errorf("rights (-granted +used):\n%s", diff)
	}
}

// Of two replicas one works; the other is ready, and takes over as soon as the first one ends.
func TestOfTwoReplicasOneWorks(t *testing.T) {
	r := install(t, "database.secretName=ucorefs-mongodb", "controller.replicas=2")
	first := r.startReplica()
	r.create("nightly", "")
	working := func(p *process) func() (bool, string) {
		return func() (bool, string) {
			all := p.get(p.metrics, "/metrics")
			return strings.Contains(all, `schedule="nightly"`), all
		}
	}
	clustertest.Eventually(t, "the first one works", working(first))
	second := r.startReplica()
	if ok, _ := working(second)(); ok {
		t.Error("both work")
	}
	if second.get(second.probes, "/healthz") != "ok" {
		t.Error("the one that waits is not healthy")
	}
	first.stop()
	clustertest.Eventually(t, "the second one works", working(second))
	var lease coordinationv1.Lease
	if err := r.Client.Get(t.Context(), client.ObjectKey{Namespace: r.namespace, Name: leaseName}, &lease); err != nil {
		t.Fatal(err)
	}
	if lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
		t.Error("nobody holds the Lease")
	}
}

// A controller that watches one namespace leaves the others alone.
func TestSchedulesOfOtherNamespacesAreLeftAlone(t *testing.T) {
	r := install(t, "database.secretName=ucorefs-mongodb")
	elsewhere := *r
	elsewhere.namespace = r.Namespace(t, nil)
	r.startReplica()
	elsewhere.create("nightly", "")
	r.create("nightly", "")
	clustertest.Eventually(t, "the schedule here is seen",
		func() (bool, string) { return r.schedule("nightly").Status.ObservedGeneration == 1, "" })
	if seen := elsewhere.schedule("nightly").Status.ObservedGeneration; seen != -1 {
		t.Errorf("the schedule elsewhere was seen: observedGeneration %d", seen)
	}
}

// checkPod tells what the admission of "restricted", which let the pod in, does not.
func checkPod(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	foreign := slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool {
		return v.EmptyDir == nil &&
			v.DownwardAPI == nil
	})
	if pod.Spec.AutomountServiceAccountToken == nil || *pod.Spec.AutomountServiceAccountToken || foreign ||
		len(pod.Spec.Volumes) != 2 {
		t.Errorf("the pod of a run has a token, or volumes that nobody asked for: %+v", pod.Spec.Volumes)
	}
	if pod.Spec.Priority == nil || *pod.Spec.Priority != -10 {
		t.Errorf("the pod of a run has the priority %v", pod.Spec.Priority)
	}
}

// granted are the rights of the chart's roles.
func (r *release) granted() map[string]bool {
	granted := map[string]bool{}
	for _, role := range r.roles {
		for _, rule := range role.Rules {
			for _, right := range rightsOf(rule) {
				granted[right] = true
			}
		}
	}
	return granted
}

func rightsOf(rule rbacv1.PolicyRule) (rights []string) {
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				rights = append(rights, strings.TrimSpace(fmt.Sprintf("%s %s %s", verb, resource, group)))
			}
		}
	}
	return rights
}

// used are the rights that the controller used. Whoever watches may also have to list: newer API servers send the list
// through the watch, older ones do not.
func (r *release) used() map[string]bool {
	used := map[string]bool{}
	allowed, _ := r.Accesses(r.t, r.account())
	for a := range allowed {
		used[strings.TrimSpace(fmt.Sprintf("%s %s %s", a.Verb, a.Resource, a.Group))] = true
		if a.Verb == "watch" {
			used[strings.TrimSpace(fmt.Sprintf("list %s %s", a.Resource, a.Group))] = true
		}
	}
	return used
}

// create makes a schedule and, once the controller has seen it, gives it the order runNow, unless that is empty.
func (r *release) create(name, runNow string) *v1alpha1.MaintenanceSchedule {
	r.t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{
		ObjectMeta: metav1.ObjectMeta{Namespace: r.namespace, Name: name},
		Spec:       v1alpha1.MaintenanceScheduleSpec{Task: "verify-references", Schedule: "0 3 1 1 *"},
	}
	if err := r.Client.Create(r.t.Context(), ms); err != nil {
		r.t.Fatalf("create a schedule: %v", err)
	}
	if runNow == "" {
		return ms
	}
	clustertest.Eventually(r.t, "the schedule is seen", func() (bool, string) {
		ms = r.schedule(name)
		return ms.Status.LastOrder != nil, fmt.Sprintf("%+v", ms.Status)
	})
	r.order(ms, runNow)
	return ms
}

// annotate gives a schedule an annotation.
func (r *release) annotate(name, key, value string) {
	r.t.Helper()
	ms := r.schedule(name)
	before := ms.DeepCopy()
	metav1.SetMetaDataAnnotation(&ms.ObjectMeta, key, value)
	if err := r.Client.Patch(r.t.Context(), ms, client.MergeFrom(before)); err != nil {
		r.t.Fatalf("annotate %s: %v", name, err)
	}
}

// createOnClaim makes a schedule whose runs mount a claim.
func (r *release) createOnClaim(name string) {
	r.t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{
		ObjectMeta: metav1.ObjectMeta{Namespace: r.namespace, Name: name},
		Spec: v1alpha1.MaintenanceScheduleSpec{Task: "cache-cleanup", Schedule: "0 3 1 1 *",
			Volumes: []v1alpha1.VolumeSpec{{ClaimName: "photos", MountPath: "/cache", Use: "Cache"}}},
	}
	if err := r.Client.Create(r.t.Context(), ms); err != nil {
		r.t.Fatalf("create a schedule: %v", err)
	}
}

// order gives run-now a value.
func (r *release) order(ms *v1alpha1.MaintenanceSchedule, runNow string) {
	r.t.Helper()
	before := ms.DeepCopy()
	metav1.SetMetaDataAnnotation(&ms.ObjectMeta, v1alpha1.AnnotationRunNow, runNow)
	if err := r.Client.Patch(r.t.Context(), ms, client.MergeFrom(before)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *release) schedule(name string) *v1alpha1.MaintenanceSchedule {
	r.t.Helper()
	var ms v1alpha1.MaintenanceSchedule
	if err := r.Client.Get(r.t.Context(), client.ObjectKey{Namespace: r.namespace, Name: name}, &ms); err != nil {
		r.t.Fatalf("read the schedule: %v", err)
	}
	return &ms
}

// untilActive waits for a run that is under way.
func (r *release) untilActive(name string) (run string) {
	r.t.Helper()
	clustertest.Eventually(r.t, "a run is under way", func() (bool, string) {
		status := r.schedule(name).Status
		if len(status.Active) > 0 {
			run = status.Active[0].Run
		}
		return run != "", fmt.Sprintf("%+v", status)
	})
	return run
}

func (r *release) untilLastRun(name, message string) {
	r.t.Helper()
	clustertest.Eventually(r.t, "the run's result is there", func() (bool, string) {
		status := r.schedule(name).Status
		return status.LastRun != nil && strings.Contains(status.LastRun.Message, message), fmt.Sprintf("%+v", status)
	})
}

// damageCronJob changes the CronJob by hand and waits until it is repaired.
func (r *release) damageCronJob(name string) {
	r.t.Helper()
	var found batchv1.CronJob
	key := client.ObjectKey{Namespace: r.namespace, Name: name}
	if err := r.Client.Get(r.t.Context(), key, &found); err != nil {
		r.t.Fatal(err)
	}
	found.Spec.Schedule = "* * * * *"
	if err := r.Client.Update(r.t.Context(), &found); err != nil {
		r.t.Fatal(err)
	}
	clustertest.Eventually(r.t, "the CronJob is repaired", func() (bool, string) {
		err := r.Client.Get(r.t.Context(), key, &found)
		return err == nil && found.Spec.Schedule == "0 3 1 1 *", fmt.Sprint(err)
	})
}

// deleteRun starts a run and deletes its Job.
func (r *release) deleteRun(name, runNow string) {
	r.t.Helper()
	r.order(r.schedule(name), runNow)
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: r.namespace, Name: r.untilActive(name)}}
	if err := r.Client.Delete(r.t.Context(), job,
		client.PropagationPolicy(metav1.DeletePropagationBackground)); err != nil {
		r.t.Fatal(err)
	}
	r.untilLastRun(name, "its Job was deleted")
}
