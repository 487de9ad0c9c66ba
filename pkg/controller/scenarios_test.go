package controller

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// A campaign of faults: writes lost before and after they took place, answers lost, 409, 429, 500, 503, a server that is away, watches
// that are late, each kind by any time, two replicas that take turns, kills, Jobs that are deleted. The oracle is told what really
// happened to each Job; in the end each is in the history once, as it was, or as Unknown where nobody can know. SCENARIOS is how many,
// SEED where they begin. Seen to fail when a vanished run was Failed, and when a watch that is late showed a recorded run as active.
func TestWhateverFailsTheStatusIsTrue(t *testing.T) {
	first := numberFrom(t, "SEED", 1)
	for seed := first; seed < first+numberFrom(t, "SCENARIOS", 10); seed++ {
		t.Run(fmt.Sprintf("SEED=%d", seed), func(t *testing.T) { newScenario(t, uint64(seed)).play() })
	}
}

// scenario is a schedule whose Jobs the test makes and ends as Kubernetes would, without a Job controller that takes its time.
type scenario struct {
	t        *testing.T
	lab      *lab
	random   *rand.Rand
	faults   *faults
	replicas []*Reconciler
	caches   []*lateCache
	clock    *stoppedClock
	active   string
	truth    map[string]string // by Job: how it ended, "" while it is under way
	deleted  map[string]bool
	order    []string
	log      []string
}

func newScenario(t *testing.T, seed uint64) *scenario {
	t.Helper()
	s := &scenario{t: t, clock: &stoppedClock{now: time.Now().Add(time.Hour)}, random: rand.New(rand.NewPCG(seed, 13)), truth: map[string]string{}, deleted: map[string]bool{}}
	s.lab = newUnwatchedLab(t, s.clock.read)
	s.faults = &faults{random: rand.New(rand.NewPCG(seed, 17)), kinds: map[string]int{}}
	for range 2 {
		s.caches, s.replicas = append(s.caches, nil), append(s.replicas, nil)
	}
	for i := range s.replicas {
		s.restart(i)
	}
	spec := nightly()
	spec.HistoryLimit, spec.SuspendAfterFailures = new(int32(50)), new(int32(100))
	s.lab.create("nightly", spec)
	s.reconcile(0)
	return s
}

// restart kills a replica and starts another one, which knows nothing but what is stored.
func (s *scenario) restart(replica int) {
	direct, err := client.New(s.faults.between(s.lab.Admin), client.Options{Scheme: clustertest.Scheme(), Mapper: s.lab.Client.RESTMapper()})
	if err != nil {
		s.t.Fatal(err)
	}
	cache := &lateCache{Client: uncached{direct}, truth: uncached{s.lab.Client}, shown: map[string]client.ObjectList{}}
	s.caches[replica] = cache
	s.replicas[replica] = &Reconciler{Client: cache, Reader: direct, Events: silent{}, Metrics: NewMetrics(s.lab.Client, nil), Settings: settings(), Now: s.clock.read}
}

// play makes things happen, ends what is under way, and then looks until all is quiet.
func (s *scenario) play() {
	s.t.Helper()
	s.faults.on = true
	for range 25 {
		s.happen()
	}
	s.faults.on = false
	if s.active != "" {
		s.end()
	}
	s.clock.pass(time.Minute)
	for range 3 {
		for i := range s.replicas {
			s.caches[i].catchUp()
			s.reconcile(i)
		}
	}
	s.check()
}

func (s *scenario) happen() {
	s.t.Helper()
	replica := s.random.IntN(len(s.replicas))
	switch s.random.IntN(10) {
	case 0, 1:
		if s.active == "" {
			s.begin()
		} else {
			s.end()
		}
	case 2:
		s.delete()
	case 3:
		s.log = append(s.log, fmt.Sprintf("replica %d is killed", replica))
		s.restart(replica)
	case 4:
		s.clock.pass(time.Duration(s.random.IntN(90)) * time.Second)
	case 5, 6:
		s.caches[replica].catchUpWith(s.random)
	default:
		s.reconcile(replica)
	}
}

func (s *scenario) reconcile(replica int) {
	_, err := s.replicas[replica].Reconcile(s.t.Context(), requestOf(s.lab.namespace, "nightly"))
	s.log = append(s.log, fmt.Sprintf("replica %d looks: %v", replica, err))
	if err != nil && !s.faults.on {
		s.t.Errorf("without faults: %v", err)
	}
}

// begin makes a Job as the CronJob controller would, which no Job controller looks after.
func (s *scenario) begin() {
	s.t.Helper()
	owner := s.lab.cronJob("nightly")
	if owner == nil {
		return
	}
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: s.lab.namespace, Name: fmt.Sprintf("nightly-%d", len(s.order)+1), Labels: owner.Spec.JobTemplate.Labels,
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(owner, batchv1.SchemeGroupVersion.WithKind("CronJob"))}}, Spec: owner.Spec.JobTemplate.Spec}
	job.Spec.ManagedBy = new("example.com/the-test")
	must(s.t, s.lab.Client.Create(s.t.Context(), job))
	job.Status.StartTime, job.Status.Active = new(metav1.NewTime(s.clock.read().Truncate(time.Second))), 1
	must(s.t, s.lab.Client.Status().Update(s.t.Context(), job))
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: s.lab.namespace, Name: job.Name + "-pod", Labels: map[string]string{batchv1.JobNameLabel: job.Name},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))}}, Spec: job.Spec.Template.Spec}
	for name, value := range owner.Spec.JobTemplate.Labels {
		pod.Labels[name] = value
	}
	must(s.t, s.lab.Client.Create(s.t.Context(), pod))
	s.active, s.truth[job.Name] = job.Name, ""
	s.order, s.log = append(s.order, job.Name), append(s.log, job.Name+" begins")
}

// end ends the pod that is under way with any outcome, and then its Job.
func (s *scenario) end() {
	s.t.Helper()
	s.clock.pass(time.Second)
	name := s.active
	outcome := []report.Outcome{report.Succeeded, report.Partial, report.Failed, report.Skipped}[s.random.IntN(4)]
	result := report.Result{SchemaVersion: report.SchemaVersion, Outcome: outcome, Reason: report.ReasonLocked, Message: "so it was"}
	var pod corev1.Pod
	must(s.t, s.lab.Client.Get(s.t.Context(), client.ObjectKey{Namespace: s.lab.namespace, Name: name + "-pod"}, &pod))
	s.lab.EndPod(s.t, &pod, int32(result.ExitCode()), string(result.Termination()))
	var job batchv1.Job
	must(s.t, s.lab.Client.Get(s.t.Context(), client.ObjectKey{Namespace: s.lab.namespace, Name: name}, &job))
	now := metav1.NewTime(s.clock.read().Truncate(time.Second))
	kinds := []batchv1.JobConditionType{batchv1.JobSuccessCriteriaMet, batchv1.JobComplete}
	job.Status.Active = 0
	if result.ExitCode() == 0 {
		job.Status.CompletionTime, job.Status.Succeeded = &now, 1
	} else {
		job.Status.Failed, kinds = 1, []batchv1.JobConditionType{batchv1.JobFailureTarget, batchv1.JobFailed}
	}
	for _, kind := range kinds {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{Type: kind, Status: corev1.ConditionTrue, Reason: "Test", LastTransitionTime: now})
	}
	must(s.t, s.lab.Client.Status().Update(s.t.Context(), &job))
	s.active, s.truth[name] = "", string(outcome)
	s.log = append(s.log, fmt.Sprintf("%s ends as %s", name, outcome))
}

// delete removes a Job that ended, with its pod, as history limits do.
func (s *scenario) delete() {
	for _, name := range s.order {
		if s.deleted[name] || s.truth[name] == "" {
			continue
		}
		for _, o := range []client.Object{&batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: name}}, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name + "-pod"}}} {
			o.SetNamespace(s.lab.namespace)
			must(s.t, client.IgnoreNotFound(s.lab.Client.Delete(s.t.Context(), o, client.PropagationPolicy(metav1.DeletePropagationBackground), client.GracePeriodSeconds(0))))
		}
		s.deleted[name] = true
		s.log = append(s.log, name+" is deleted")
		return
	}
}

// check compares the status with what really happened.
func (s *scenario) check() {
	s.t.Helper()
	status := s.lab.schedule("nightly").Status
	fail := func(format string, args ...any) {
		s.t.Helper()
		s.t.Errorf(format+"\n%s", append(args, strings.Join(s.log, "\n"))...)
	}
	seen := map[string]int{}
	for _, run := range status.History {
		seen[run.Run]++
		switch {
		case run.Outcome == s.truth[run.Run]:
		case run.Outcome == v1alpha1.OutcomeUnknown && s.deleted[run.Run]:
		case run.Reason == v1alpha1.RunReasonPodGone && s.deleted[run.Run]: // the Job was seen to end, and its pod was not
		default:
			fail("%s is %s/%s, and was %s", run.Run, run.Outcome, run.Reason, s.truth[run.Run])
		}
	}
	for _, name := range s.order {
		if seen[name] > 1 || seen[name] == 0 && !s.deleted[name] {
			fail("%s is %d times in the history", name, seen[name])
		}
	}
	if skipped := outcomes(status.History)[string(report.Skipped)]; len(status.Active) > 0 || status.MissedRuns[v1alpha1.MissedLocked] != skipped || len(status.MissedRuns) > min(int(skipped), 1) {
		fail("active %+v, missed %v, %d skipped", status.Active, status.MissedRuns, skipped)
	}
	if want := failuresInARow(status.History); status.ConsecutiveFailures != want {
		fail("%d failures in a row, and the history has %d", status.ConsecutiveFailures, want)
	}
}

func outcomes(history []v1alpha1.RunSummary) map[string]int64 {
	counts := map[string]int64{}
	for _, run := range history {
		counts[run.Outcome]++
	}
	return counts
}

func failuresInARow(history []v1alpha1.RunSummary) (n int32) {
	for _, run := range history {
		switch report.Outcome(run.Outcome) {
		case report.Succeeded, report.Paused:
			return n
		case report.Failed, report.Partial, report.Refused:
			n++
		}
	}
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lateCache shows of each kind what it was when that kind last caught up; writes pass through. Schedules are shown at once, as any
// write of them is refused where they are late.
type lateCache struct {
	client.Client
	truth client.Client
	shown map[string]client.ObjectList
}

func (c *lateCache) catchUp() { clear(c.shown) }

// catchUpWith lets some kinds catch up.
func (c *lateCache) catchUpWith(random *rand.Rand) {
	for _, kind := range []string{"*v1.JobList", "*v1.PodList"} {
		if random.IntN(2) == 0 {
			delete(c.shown, kind)
		}
	}
}

// List implements client.Reader.
func (c *lateCache) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	kind := fmt.Sprintf("%T", list)
	if c.shown[kind] == nil {
		fresh := list.DeepCopyObject().(client.ObjectList)
		if err := c.truth.List(ctx, fresh, options...); err != nil {
			return err
		}
		c.shown[kind] = fresh
	}
	switch to := list.(type) {
	case *batchv1.JobList:
		c.shown[kind].(*batchv1.JobList).DeepCopyInto(to)
	case *corev1.PodList:
		c.shown[kind].(*corev1.PodList).DeepCopyInto(to)
	default:
		return c.truth.List(ctx, list, options...)
	}
	return nil
}
