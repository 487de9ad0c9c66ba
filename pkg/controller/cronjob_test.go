package controller

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/jobspec"
)

func TestAScheduleBecomesExactlyOneGuardedCronJob(t *testing.T) {
	l := newLab(t)
	spec := nightly()
	spec.ActiveDeadline = &metav1.Duration{Duration: 2 * time.Hour}
	l.create("nightly", spec)
	ms := l.untilReady("nightly")

	var all batchv1.CronJobList
	if err := l.Client.List(t.Context(), &all, client.InNamespace(l.namespace)); err != nil {
		t.Fatal(err)
	}
	if len(all.Items) != 1 || all.Items[0].Name != "nightly" || !metav1.IsControlledBy(&all.Items[0], ms) {
		t.Fatalf("got %d CronJobs: %+v", len(all.Items), all.Items)
	}
	got := all.Items[0].Spec
	job := got.JobTemplate.Spec
	type guards struct {
		Schedule, TimeZone      string
		Concurrency             batchv1.ConcurrencyPolicy
		Good, Bad               int32
		Deadline                int64
		FatalCodes              []int32
		RestartPolicy           corev1.RestartPolicy
		ServiceAccount, Message string
	}
	want := guards{"0 3 1 1 *", "Etc/UTC", batchv1.ForbidConcurrent, 3, 3, 7200, jobspec.FatalExitCodes(),
		corev1.RestartPolicyNever, serviceAccount, "/dev/termination-log"}
	found := guards{got.Schedule, *got.TimeZone, got.ConcurrencyPolicy, *got.SuccessfulJobsHistoryLimit,
		*got.FailedJobsHistoryLimit, *job.ActiveDeadlineSeconds,
		job.PodFailurePolicy.Rules[0].OnExitCodes.Values, job.Template.Spec.RestartPolicy,
		job.Template.Spec.ServiceAccountName, job.Template.Spec.Containers[0].TerminationMessagePath}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("the CronJob (-want +got):\n%s", diff)
	}
	if ms.Status.NextScheduleTime == nil || ms.Status.NextRun == "" || ms.Status.ObservedGeneration != ms.Generation {
		t.Errorf("the status lacks the next run: %+v", ms.Status)
	}
}

// A second reconciliation of an unchanged schedule writes nothing: not its status, not the CronJob, not an Event. Seen
// to fail when the CronJob lacked a field that the API server defaults.
func TestReconcilingTwiceWritesNothingTheSecondTime(t *testing.T) {
	l := newLab(t)
	specs := map[string]v1alpha1.MaintenanceScheduleSpec{
		"plain":     nightly(),
		"suspended": {Task: "verify-references", Interval: &metav1.Duration{Duration: 90 * time.Minute}, Suspend: true},
		"stalled":   {Task: "verify-references", Schedule: "0 0 31 2 *"},
		"full": {Task: "cleanup-orphaned-records", Interval: &metav1.Duration{Duration: 6 * time.Hour},
			PreferredHour: new(int32(3)), TimeZone: "Europe/Berlin",
			Priority: v1alpha1.PriorityNormal, Idle: &v1alpha1.IdleSpec{}, Retry: &v1alpha1.RetrySpec{},
			Limits:   &v1alpha1.LimitsSpec{},
			Database: &v1alpha1.DatabaseSpec{Name: "films"},
			Job:      &v1alpha1.JobSpec{Labels: map[string]string{"example.com/team": "media"}}},
	}
	for name, spec := range specs {
		l.create(name, spec)
		l.until(name, "was seen",
			func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.ObservedGeneration == ms.Generation })
	}
	before := l.versions()
	for name := range specs {
		l.reconcileOnce(name)
	}
	if diff := cmp.Diff(before, l.versions()); diff != "" {
		t.Errorf("the second reconciliation wrote (-before +after):\n%s", diff)
	}
}

// reconcileOnce reconciles by a reconciler of its own that has no cache.
func (l *lab) reconcileOnce(name string) {
	l.t.Helper()
	r := &Reconciler{Client: uncached{l.Client}, Reader: l.Client, Events: forbidden{l.t}, Metrics: NewMetrics(l.Client,
		nil), Settings: settings(), Now: time.Now}
	if _, err := r.Reconcile(l.t.Context(), requestOf(l.namespace, name)); err != nil {
		l.t.Fatalf("reconcile %s: %v", name, err)
	}
}

// uncached asks the API server itself, which has labels instead of the cache's index of Jobs and pods, and none of
// schedules: all of the namespace come.
type uncached struct{ client.Client }

func (u uncached) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	for i, option := range options {
		fields, ok := option.(client.MatchingFields)
		if _, ofSchedules := list.(*v1alpha1.MaintenanceScheduleList); ok && ofSchedules {
			options[i] = client.MatchingFields{}
		} else if ok {
			options[i] = client.MatchingLabels{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
				v1alpha1.LabelSchedule: fields[scheduleIndex]}
		}
	}
	return u.Client.List(ctx, list, options...)
}

// versions are the resource versions of all that the controller may write.
func (l *lab) versions() map[string]string {
	l.t.Helper()
	versions := map[string]string{}
	for kind, list := range map[string]client.ObjectList{"schedule": &v1alpha1.MaintenanceScheduleList{},
		"CronJob": &batchv1.CronJobList{}, "Job": &batchv1.JobList{}} {
		if err := l.Client.List(l.t.Context(), list, client.InNamespace(l.namespace)); err != nil {
			l.t.Fatal(err)
		}
		for _, object := range objectsOf(l.t, list) {
			versions[kind+" "+object.GetName()] = object.GetResourceVersion()
		}
	}
	return versions
}

func TestACronJobThatWasChangedByHandIsRepaired(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	l.untilReady("nightly")
	edits := map[string]func(*batchv1.CronJob){
		"another schedule":         func(c *batchv1.CronJob) { c.Spec.Schedule = "* * * * *" },
		"concurrent runs allowed":  func(c *batchv1.CronJob) { c.Spec.ConcurrencyPolicy = batchv1.AllowConcurrent },
		"suspended":                func(c *batchv1.CronJob) { c.Spec.Suspend = new(true) },
		"another image":            func(c *batchv1.CronJob) { c.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Image = "other" },
		"a privileged container":   func(c *batchv1.CronJob) { c.Spec.JobTemplate.Spec.Template.Spec.Containers[0].SecurityContext = nil },
		"no deadline":              func(c *batchv1.CronJob) { c.Spec.JobTemplate.Spec.ActiveDeadlineSeconds = nil },
		"without its labels":       func(c *batchv1.CronJob) { c.Labels = nil },
		"a forged applied mark":    func(c *batchv1.CronJob) { c.Annotations[v1alpha1.AnnotationApplied] = "0" },
		"an additional host mount": addHostPath,
	}
	for name, edit := range edits {
		want := l.cronJob("nightly")
		changed := want.DeepCopy()
		edit(changed)
		if err := l.Client.Update(t.Context(), changed); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		l.untilCronJob("nightly", "is repaired after: "+name, func(c *batchv1.CronJob) bool {
			return c.ResourceVersion != changed.ResourceVersion && !cronjob.Differs(c, want, "")
		})
	}
}

func addHostPath(c *batchv1.CronJob) {
	spec := &c.Spec.JobTemplate.Spec.Template.Spec
	spec.Volumes = append(spec.Volumes, corev1.Volume{Name: "host",
		VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}})
}

func TestWhatOthersAddToACronJobStays(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	l.untilReady("nightly")
	changed := l.cronJob("nightly")
	changed.Annotations["example.com/owner"], changed.Labels["example.com/team"] = "ops", "media"
	changed.Spec.Schedule = "* * * * *" // makes the controller write
	if err := l.Client.Update(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	repaired := l.untilCronJob("nightly", "is repaired",
		func(c *batchv1.CronJob) bool { return c.Spec.Schedule == "0 3 1 1 *" })
	if repaired.Annotations["example.com/owner"] != "ops" || repaired.Labels["example.com/team"] != "media" {
		t.Errorf("it lost labels %v or annotations %v", repaired.Labels, repaired.Annotations)
	}
}

func TestACronJobThatWasDeletedByHandComesBack(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	l.untilReady("nightly")
	deleted := l.cronJob("nightly")
	if err := l.Client.Delete(t.Context(), deleted); err != nil {
		t.Fatal(err)
	}
	l.untilCronJob("nightly", "is back", func(c *batchv1.CronJob) bool {
		return c.UID != deleted.UID &&
			!cronjob.Differs(c, deleted, "")
	})
	l.untilEvent("nightly", v1alpha1.EventCronJobRepaired, "change the MaintenanceSchedule instead")
}

// A CronJob of the schedule's name that is somebody else's is named in a condition, and not one byte of it changes.
func TestAForeignCronJobIsNeverTouched(t *testing.T) {
	l := newLab(t)
	for name, make := range map[string]func(*batchv1.CronJob){
		"without-our-labels": func(c *batchv1.CronJob) { c.Labels = nil },
		"of-another-name":    func(c *batchv1.CronJob) { c.Labels[v1alpha1.LabelSchedule] = "other" },
		"controlled-by-another": func(c *batchv1.CronJob) {
			c.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ServiceAccount", Name: serviceAccount,
				UID: l.serviceAccountUID(), Controller: new(true)}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			foreign := foreignCronJob(l.namespace, name)
			make(foreign)
			if err := l.Client.Create(t.Context(), foreign); err != nil {
				t.Fatal(err)
			}
			l.create(name, nightly())
			c := l.untilCondition(name, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonForeignCronJob)
			says(t, "the condition", c.Message, name, "delete or rename it")
			l.change(name, func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Suspend = true })
			l.untilCondition(name, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonForeignCronJob)
			if now := l.cronJob(name); now == nil || now.ResourceVersion != foreign.ResourceVersion {
				t.Fatalf("the foreign CronJob was written: %+v", now)
			}

			if err := l.Client.Delete(t.Context(), foreign); err != nil {
				t.Fatal(err)
			}
			l.untilCondition(name, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSuspended)
			if now := l.cronJob(name); now == nil || !metav1.IsControlledBy(now, l.schedule(name)) {
				t.Errorf("the schedule did not take its name once it was free: %+v", now)
			}
		})
	}
}

func (l *lab) serviceAccountUID() types.UID {
	l.t.Helper()
	var account corev1.ServiceAccount
	if err := l.Client.Get(l.t.Context(), client.ObjectKey{Namespace: l.namespace, Name: serviceAccount},
		&account); err != nil {
		l.t.Fatal(err)
	}
	return account.UID
}

// A restore of the cluster leaves our CronJob without an owner, firing. Must fail as Stalled for good.
func TestACronJobThatARestoreLeftWithoutAnOwnerIsAdopted(t *testing.T) {
	l := newLab(t)
	left := foreignCronJob(l.namespace, "nightly")
	if err := l.Client.Create(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	l.create("nightly", nightly())
	ms := l.untilReady("nightly")
	if now := l.cronJob("nightly"); now.UID != left.UID || !metav1.IsControlledBy(now, ms) ||
		now.Spec.Schedule != nightly().Schedule {
		t.Errorf("it is %+v", now)
	}
	l.untilEvent("nightly", v1alpha1.EventCronJobAdopted, "restore")
}

// foreignCronJob carries all of our labels, and no owner.
func foreignCronJob(namespace, name string) *batchv1.CronJob {
	resolved, err := cronjob.Resolve(&v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: namespace,
		Name: name}, Spec: nightly()}, settings())
	if err != nil {
		panic(err)
	}
	foreign := resolved.CronJob(false, time.Time{})
	foreign.OwnerReferences = nil
	foreign.Spec.Schedule = "0 5 1 1 *"
	return foreign
}

func TestDeletingAScheduleDeletesItsCronJobAndRuns(t *testing.T) {
	l := newLab(t)
	ms := l.create("nightly", nightly())
	l.started("nightly", "1")
	if err := l.Client.Delete(t.Context(), ms); err != nil {
		t.Fatal(err)
	}
	clustertest.Eventually(t, "all of it goes away", func() (bool, string) {
		versions := l.versions()
		return len(versions) == 0, cmp.Diff(map[string]string{}, versions)
	})
}

// A patch that changes nothing leaves the resource version as it is; the controller then must not wait for another one.
// Seen to fail when it did.
func TestAPatchThatChangesNothingHoldsNothingUp(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nightly())
	ms := l.untilReady("nightly")
	r := &Reconciler{Client: uncached{l.Client}, Reader: l.Client, Events: forbidden{t}, Metrics: NewMetrics(l.Client,
		nil), Settings: settings(), Now: time.Now}
	status := *ms.Status.DeepCopy()
	status.ScheduledSince = new(metav1.NewTime(status.ScheduledSince.Add(time.Millisecond))) // the same second in JSON
	if err := r.patchStatus(t.Context(), observation{schedule: ms}, status); err != nil {
		t.Fatal(err)
	}
	if r.isReplaced(l.schedule("nightly")) {
		t.Error("it waits for what does not come")
	}
}
