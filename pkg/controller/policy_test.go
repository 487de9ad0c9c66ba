package controller

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// What admission policies add to a CronJob, and even what they put in place of our own, is no difference; neither is a
// quantity that the API server rounds: nothing is written for it, and no Event says that somebody had changed it. Must
// fail with an update and an Event CronJobRepaired for each look.
func TestWhatAPolicyMakesOfACronJobIsNoDifference(t *testing.T) {
	l := newLab(t)
	l.mutateCronJobs(`Object{
		metadata: Object.metadata{annotations: {"example.com/seen": "yes"}},
		spec: Object.spec{
			successfulJobsHistoryLimit: 1,
			jobTemplate: Object.spec.jobTemplate{spec: Object.spec.jobTemplate.spec{template: Object.spec.jobTemplate.spec.template{
				metadata: Object.spec.jobTemplate.spec.template.metadata{labels: {"example.com/team": "media"}},
				spec: Object.spec.jobTemplate.spec.template.spec{containers: [Object.spec.jobTemplate.spec.template.spec.containers{
					name: "maint-job", image: "mirror.example.com/maint-job:test", env: [Object.spec.jobTemplate.spec.template.spec.containers.env{name: "HTTPS_PROXY", value: "http://proxy"}]}]}
			}}}
		}
	}`)
	spec := nightly()
	spec.Job = &v1alpha1.JobSpec{Resources: &v1alpha1.ResourcesSpec{Limits: corev1.ResourceList{"cpu": resource.MustParse("100100u")}}}
	l.create("nightly", spec)
	l.untilReady("nightly")
	if limit := l.cronJob("nightly").Spec.SuccessfulJobsHistoryLimit; *limit != 1 {
		t.Fatalf("the policy does not work: %d", *limit)
	}
	before := l.versions()
	l.lookTwice("nightly")
	l.stopController()
	l.startController(l.controller) // which knows only what is stored
	l.until("nightly", "is looked at again", func(*v1alpha1.MaintenanceSchedule) bool { return l.scrape() != "" })
	l.lookTwice("nightly")
	if diff := cmp.Diff(before, l.versions()); diff != "" {
		t.Errorf("something was written (-before +after):\n%s", diff)
	}
	for _, e := range l.events("nightly") {
		t.Errorf("an Event %s: %s", e.Reason, e.Note)
	}

	l.change("nightly", func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = "0 4 1 1 *" })
	l.untilCronJobHas("nightly", "0 4 1 1 *")
	changed := l.cronJob("nightly")
	changed.Spec.Schedule = "* * * * *"
	if err := l.Client.Update(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	l.untilCronJobHas("nightly", "0 4 1 1 *")
	l.untilEvent("nightly", v1alpha1.EventCronJobRepaired, "had been changed")
}

// What another program adds to a CronJob later is its own.
func TestWhatAnotherProgramAddsIsLeftToIt(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	l.untilReady("nightly")
	patch := `{"spec":{"jobTemplate":{"metadata":{"annotations":{"example.com/cost":"7"}},"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"mirror"}]}}}}}}`
	found := l.cronJob("nightly")
	if err := l.Client.Patch(t.Context(), found, client.RawPatch("application/merge-patch+json", []byte(patch))); err != nil {
		t.Fatal(err)
	}
	before := l.versions()
	l.lookTwice("nightly")
	if diff := cmp.Diff(before, l.versions()); diff != "" || len(l.events("nightly")) > 0 {
		t.Errorf("%v, (-before +after):\n%s", l.events("nightly"), diff)
	}
}

// lookTwice reconciles as a controller does that has just started.
func (l *lab) lookTwice(name string) {
	l.t.Helper()
	for range 2 {
		l.reconcileOnce(name)
	}
}

func (l *lab) untilCronJobHas(name, schedule string) {
	l.t.Helper()
	clustertest.Eventually(l.t, "the CronJob has "+schedule, func() (bool, string) {
		found := l.cronJob(name)
		return found != nil && found.Spec.Schedule == schedule, fmt.Sprintf("%+v", found)
	})
}

// What a policy refuses is tried again by itself, though not all the time, and works once the policy is gone. Must fail
// as Stalled for good.
func TestWhatAPolicyRefusesIsTriedAgain(t *testing.T) {
	for name, reason := range map[string]metav1.StatusReason{"invalid": metav1.StatusReasonInvalid, "forbidden": metav1.StatusReasonForbidden} {
		t.Run(name, func(t *testing.T) {
			c := &stoppedClock{}
			l := newUnwatchedLab(t, c.read)
			allow := l.refuseCronJobs(reason)
			l.create("nightly", nightly())
			r := &Reconciler{Client: uncached{l.Client}, Reader: l.Client, Events: silent{}, Metrics: NewMetrics(l.Client, nil), Settings: settings(), Now: c.read}
			look := func() time.Duration {
				t.Helper()
				result, err := r.Reconcile(t.Context(), requestOf(l.namespace, "nightly"))
				if err != nil {
					t.Fatal(err)
				}
				return result.RequeueAfter
			}
			if again := look(); again <= 0 || again > refusedFor+time.Minute {
				t.Fatalf("it looks again after %s", again)
			}
			says(t, "the status", l.schedule("nightly").Status.Message, "no CronJobs here")
			allow()
			c.pass(refusedFor / 2)
			look()
			if l.cronJob("nightly") != nil {
				t.Error("it was tried again at once")
			}
			c.pass(refusedFor)
			look()
			if l.cronJob("nightly") == nil {
				t.Errorf("it was not tried again: %s", l.schedule("nightly").Status.Message)
			}
		})
	}
}

// mutateCronJobs applies a policy to the CronJobs of the lab's namespace.
func (l *lab) mutateCronJobs(expression string) {
	l.t.Helper()
	name := "mutate-" + l.namespace
	policy := &admissionv1.MutatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: admissionv1.MutatingAdmissionPolicySpec{
		ReinvocationPolicy: admissionv1.IfNeededReinvocationPolicy, MatchConstraints: l.cronJobsHere(), FailurePolicy: new(admissionv1.Fail),
		Mutations: []admissionv1.Mutation{{PatchType: admissionv1.PatchTypeApplyConfiguration, ApplyConfiguration: &admissionv1.ApplyConfiguration{Expression: expression}}},
	}}
	l.createGlobal(policy)
	l.createGlobal(&admissionv1.MutatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: admissionv1.MutatingAdmissionPolicyBindingSpec{PolicyName: name}})
	probe := foreignCronJob(l.namespace, "probe")
	clustertest.Eventually(l.t, "the policy works", func() (bool, string) {
		made := probe.DeepCopy()
		err := l.Client.Create(l.t.Context(), made, client.DryRunAll)
		return err == nil && made.Annotations["example.com/seen"] == "yes", fmt.Sprint(err)
	})
}

// refuseCronJobs denies all CronJobs of the lab's namespace until allow is called.
func (l *lab) refuseCronJobs(reason metav1.StatusReason) (allow func()) {
	l.t.Helper()
	name := "refuse-" + l.namespace
	policy := &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: admissionv1.ValidatingAdmissionPolicySpec{
		MatchConstraints: l.cronJobsHere(), Validations: []admissionv1.Validation{{Expression: "false", Message: "no CronJobs here", Reason: &reason}},
	}}
	l.createGlobal(policy)
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: name, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny}}}
	l.createGlobal(binding)
	until := func(denied bool) {
		clustertest.Eventually(l.t, "the policy is heard of", func() (bool, string) {
			err := l.Client.Create(l.t.Context(), foreignCronJob(l.namespace, "probe"), client.DryRunAll)
			return (err != nil) == denied, fmt.Sprint(err)
		})
	}
	until(true)
	return func() {
		if err := l.Client.Delete(l.t.Context(), binding); err != nil {
			l.t.Fatal(err)
		}
		until(false)
	}
}

func (l *lab) cronJobsHere() *admissionv1.MatchResources {
	return &admissionv1.MatchResources{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": l.namespace}},
		ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
			Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update},
			Rule:       admissionv1.Rule{APIGroups: []string{"batch"}, APIVersions: []string{"v1"}, Resources: []string{"cronjobs"}}}}},
	}
}

// createGlobal makes an object that has no namespace, and removes it when the test ends.
func (l *lab) createGlobal(object client.Object) {
	l.t.Helper()
	if err := l.Client.Create(l.t.Context(), object); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = l.Client.Delete(context.Background(), object) })
}
