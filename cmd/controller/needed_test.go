package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// No right of the chart's roles is superfluous: each is taken away in turn, and the API server then forbids the
// controller exactly that while a schedule is made, runs, is damaged and repaired, and its metrics are read. Seen to
// fail with a right to patch Jobs put into the role.
func TestEachRightIsNeeded(t *testing.T) {
	values := []string{"database.secretName=ucorefs-mongodb", "metrics.secure=true"}
	for _, right := range slices.Sorted(maps.Keys(install(t, values...).granted())) {
		t.Run(right, func(t *testing.T) {
			t.Parallel()
			r := installWithout(t, right, values...)
			if r.granted()[right] {
				t.Fatal("it was not taken away")
			}
			replica := r.launch(listing(right)...)
			t.Cleanup(func() { // it may have ended by itself, or be waiting for what never comes
				_ = replica.cmd.Process.Kill()
				_ = replica.cmd.Wait()
				r.removeCronJobs()
			})
			s := &story{release: r, replica: replica, reader: r.token(r.namespace, "reader")}
			clustertest.Eventually(t, "the API server forbids it", func() (bool, string) {
				s.turn()
				_, forbidden := r.Accesses(t, r.account())
				return slices.Contains(rightsOfAccesses(forbidden), right), fmt.Sprint(forbidden)
			})
		})
	}
}

// removeCronJobs leaves none that somebody damaged: there is no controller of namespaces, so that it would fire every
// minute until the control plane ends, and be counted as load by other tests.
func (r *release) removeCronJobs() {
	err := r.Client.DeleteAllOf(context.Background(), &batchv1.CronJob{}, client.InNamespace(r.namespace),
		client.PropagationPolicy(metav1.DeletePropagationBackground))
	if err != nil {
		r.t.Errorf("remove the CronJobs: %v", err)
	}
}

// listing has the controller ask for lists, as it does of API servers before 1.34: newer ones send them through the
// watch.
func listing(right string) []string {
	if strings.HasPrefix(right, "list ") {
		return []string{"KUBE_FEATURE_WatchListClient=false"}
	}
	return nil
}

func rightsOfAccesses(accesses map[clustertest.Access]bool) (rights []string) {
	for a := range accesses {
		rights = append(rights, strings.TrimSpace(fmt.Sprintf("%s %s %s", a.Verb, a.Resource, a.Group)))
	}
	return rights
}

// withoutRight are the rules but for one right.
func withoutRight(rules []rbacv1.PolicyRule, right string) (left []rbacv1.PolicyRule) {
	for _, rule := range rules {
		rule.Verbs = slices.DeleteFunc(slices.Clone(rule.Verbs), func(verb string) bool {
			one := rule
			one.Verbs = []string{verb}
			return slices.Contains(rightsOf(one), right)
		})
		if len(rule.Verbs) > 0 {
			left = append(left, rule)
		}
	}
	return left
}

// story is what people and the kubelet do to a schedule. Each turn does what there is to do then: what the controller
// cannot do is not waited for, and an error means that somebody else was quicker.
type story struct {
	*release
	replica *process
	reader  string // a token
	turns   int
}

func (s *story) turn() {
	s.turns++
	s.replica.secure(s.reader)
	var ms v1alpha1.MaintenanceSchedule
	if s.Client.Get(s.t.Context(), client.ObjectKey{Namespace: s.namespace, Name: "nightly"}, &ms) != nil {
		s.create("nightly", "")
		s.createOnClaim("cache")
		return
	}
	var jobs batchv1.JobList
	if s.Client.List(s.t.Context(), &jobs, client.InNamespace(s.namespace)) != nil {
		return
	}
	for i := range jobs.Items {
		if job := &jobs.Items[i]; job.DeletionTimestamp == nil && job.Status.CompletionTime == nil {
			s.throttle(&ms)
			s.end(job)
			return
		}
	}
	s.damage()
	if s.turns%10 == 0 {
		before := ms.DeepCopy()
		metav1.SetMetaDataAnnotation(&ms.ObjectMeta, v1alpha1.AnnotationRunNow, fmt.Sprint(s.turns))
		_ = s.Client.Patch(s.t.Context(), &ms, client.MergeFrom(before))
	}
}

// throttle has the run under way be faster or slower.
func (s *story) throttle(ms *v1alpha1.MaintenanceSchedule) {
	before := ms.DeepCopy()
	metav1.SetMetaDataAnnotation(&ms.ObjectMeta, v1alpha1.AnnotationThrottle, []string{"Off", "Normal"}[s.turns/2%2])
	_ = s.Client.Patch(s.t.Context(), ms, client.MergeFrom(before))
}

// end ends the run: its pod succeeds, or, every other time, somebody deletes the Job.
func (s *story) end(job *batchv1.Job) {
	if s.turns%2 == 0 {
		_ = s.Client.Delete(s.t.Context(), job, client.PropagationPolicy(metav1.DeletePropagationBackground))
		return
	}
	var pods corev1.PodList
	if s.Client.List(s.t.Context(), &pods, client.InNamespace(s.namespace),
		client.MatchingLabels{"batch.kubernetes.io/job-name": job.Name}) != nil {
		return
	}
	for i, pod := range pods.Items {
		if pod.Status.Phase == corev1.PodPending && pod.DeletionTimestamp == nil && len(pod.Status.Conditions) == 0 {
			s.HoldPod(s.t, &pods.Items[i], time.Hour)
			continue // ended in another turn
		}
		if pod.Status.Phase == corev1.PodPending && pod.DeletionTimestamp == nil {
			s.EndPod(s.t, &pods.Items[i], 0, string(report.Result{SchemaVersion: report.SchemaVersion,
				Outcome: report.Succeeded}.Termination()))
		}
	}
}

func (s *story) damage() {
	var found batchv1.CronJob
	if s.Client.Get(s.t.Context(), client.ObjectKey{Namespace: s.namespace, Name: "nightly"}, &found) != nil {
		return
	}
	found.Spec.Schedule = "* * * * *"
	_ = s.Client.Update(s.t.Context(), &found)
}
