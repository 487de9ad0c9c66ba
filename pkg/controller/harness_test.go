package controller

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

// serviceAccount is that of the runs' pods.
const serviceAccount = "maintenance-jobs"

// lab is a namespace of a real cluster with the controller at work in it. The kubelet is the test itself: see
// clustertest.
type lab struct {
	*clustertest.Cluster
	t         *testing.T
	namespace string
	metrics   *Metrics
	now       func() time.Time
	live      net.Listener // where the pods of this lab would serve their progress

	controller     *rest.Config // with the controller's rights
	stopController func()
}

// newLab starts the controller in a fresh namespace, and checks at the end that it wrote nothing of a schedule but the
// status.
func newLab(t *testing.T) *lab { return newLabAt(t, time.Now) }

// newLabAt is a lab whose controller has a clock of its own.
func newLabAt(t *testing.T, now func() time.Time) *lab {
	t.Helper()
	return newUnwatchedLab(t, now).watched()
}

// watched starts the lab's controller.
func (l *lab) watched() *lab {
	l.t.Helper()
	l.controller = l.asTheChartSays()
	l.startController(l.controller)
	l.t.Cleanup(l.checkThatUsersObjectsAreUntouched)
	return l
}

// newUnwatchedLab is a lab without a controller.
func newUnwatchedLab(t *testing.T, now func() time.Time) *lab {
	t.Helper()
	t.Parallel()
	return newLabOf(t, clustertest.Start(t), now)
}

// newLabOf is a lab of a control plane, without a controller.
func newLabOf(t *testing.T, cluster *clustertest.Cluster, now func() time.Time) *lab {
	t.Helper()
	l := &lab{Cluster: cluster, t: t, now: now}
	l.listen()
	l.StartControllers(t)
	l.namespace = l.Namespace(t, nil)
	l.ServiceAccount(t, l.namespace, serviceAccount)
	return l
}

func (l *lab) listen() {
	l.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	l.live = listener
	l.t.Cleanup(func() { _ = listener.Close() })
}

func settings() cronjob.Settings {
	return cronjob.Settings{
		Image:          "maint-job:test",
		PullPolicy:     corev1.PullIfNotPresent,
		ServiceAccount: serviceAccount,
		Database:       v1alpha1.DatabaseSpec{SecretName: "ucorefs-mongodb", SecretKey: "uri"},
		Resources:      v1alpha1.ResourcesSpec{Limits: corev1.ResourceList{"memory": resource.MustParse("512Mi")}},
	}
}

func (l *lab) startController(as *rest.Config) {
	l.t.Helper()
	mgr, err := ctrl.NewManager(as, ctrl.Options{
		Scheme:     clustertest.Scheme(),
		Cache:      CacheOptions([]string{l.namespace}),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)}, // each test has one of its own
	})
	if err != nil {
		l.t.Fatal(err)
	}
	figures := NewMetrics(mgr.GetClient(), mgr.Elected())
	if err := figures.Follow(context.Background(), mgr.GetCache()); err != nil {
		l.t.Fatal(err)
	}
	l.metrics = figures
	live := &Live{Port: int32(l.live.Addr().(*net.TCPAddr).Port), Timeout: time.Minute} // a busy machine may take long
	reconciler := &Reconciler{Client: mgr.GetClient(), Reader: mgr.GetAPIReader(), Events: mgr.GetEventRecorder(Name),
		Metrics: figures, Settings: settings(), Now: l.now, Live: live}
	if err := reconciler.SetupWithManager(mgr); err != nil {
		l.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	l.stopController = sync.OnceFunc(func() {
		stop()
		if err := <-done; err != nil {
			l.t.Errorf("the manager: %v", err)
		}
	})
	l.t.Cleanup(l.stopController)
}

// checkThatUsersObjectsAreUntouched lets the API server say who wrote what: nobody but the user may have written
// anything but a schedule's status.
func (l *lab) checkThatUsersObjectsAreUntouched() {
	var all v1alpha1.MaintenanceScheduleList
	if err := l.Client.List(context.Background(), &all, client.InNamespace(l.namespace)); err != nil {
		l.t.Errorf("list the schedules: %v", err)
	}
	for _, ms := range all.Items {
		for _, entry := range ms.ManagedFields {
			if entry.Manager != clustertest.User && entry.Subresource != "status" {
				l.t.Errorf("%s wrote spec or metadata of the schedule %s: %s", entry.Manager, ms.Name, entry.FieldsV1)
			}
		}
	}
}

// nightly is a schedule that does not fire while a test looks at it.
func nightly() v1alpha1.MaintenanceScheduleSpec {
	return v1alpha1.MaintenanceScheduleSpec{Task: "verify-references", Schedule: "0 3 1 1 *"}
}

func (l *lab) create(name string, spec v1alpha1.MaintenanceScheduleSpec) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name}, Spec: spec}
	if err := l.Client.Create(l.t.Context(), ms); err != nil {
		l.t.Fatalf("create the schedule %s: %v", name, err)
	}
	return ms
}

// change is a user's edit of a schedule, tried again where somebody else wrote in between.
func (l *lab) change(name string, edit func(*v1alpha1.MaintenanceSchedule)) {
	l.t.Helper()
	clustertest.Eventually(l.t, "change the schedule "+name, func() (bool, string) {
		ms := l.schedule(name)
		edit(ms)
		err := l.Client.Update(l.t.Context(), ms)
		if err != nil && !apierrors.IsConflict(err) {
			l.t.Fatalf("change the schedule %s: %v", name, err)
		}
		return err == nil, fmt.Sprint(err)
	})
}

// runNow gives an order, once the controller has seen the schedule: before that it would be none.
func (l *lab) runNow(name, value string) {
	l.t.Helper()
	l.untilSeen(name)
	l.change(name, func(ms *v1alpha1.MaintenanceSchedule) {
		if ms.Annotations == nil {
			ms.Annotations = map[string]string{}
		}
		ms.Annotations[v1alpha1.AnnotationRunNow] = value
	})
}

func (l *lab) schedule(name string) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	var ms v1alpha1.MaintenanceSchedule
	if err := l.Client.Get(l.t.Context(), client.ObjectKey{Namespace: l.namespace, Name: name}, &ms); err != nil {
		l.t.Fatalf("read the schedule %s: %v", name, err)
	}
	return &ms
}

// until waits until the schedule is as wanted.
func (l *lab) until(name, what string, holds func(*v1alpha1.MaintenanceSchedule) bool) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	var ms *v1alpha1.MaintenanceSchedule
	clustertest.Eventually(l.t, name+" "+what, func() (bool, string) {
		ms = l.schedule(name)
		return holds(ms), fmt.Sprintf("%+v", ms.Status)
	})
	return ms
}

// untilCondition waits for a condition with that reason, and returns it.
func (l *lab) untilCondition(name, kind string, status metav1.ConditionStatus, reason string) *metav1.Condition {
	l.t.Helper()
	ms := l.until(name, fmt.Sprintf("has %s=%s, %s", kind, status, reason), func(ms *v1alpha1.MaintenanceSchedule) bool {
		c := meta.FindStatusCondition(ms.Status.Conditions, kind)
		return c != nil && c.Status == status && c.Reason == reason && c.ObservedGeneration == ms.Generation
	})
	return meta.FindStatusCondition(ms.Status.Conditions, kind)
}

func (l *lab) untilSeen(name string) {
	l.t.Helper()
	l.until(name, "is seen", func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.LastOrder != nil })
}

func (l *lab) untilReady(name string) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	l.untilCondition(name, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInSync)
	return l.schedule(name)
}

// cronJob is nil where there is none.
func (l *lab) cronJob(name string) *batchv1.CronJob {
	l.t.Helper()
	var found batchv1.CronJob
	err := l.Client.Get(l.t.Context(), client.ObjectKey{Namespace: l.namespace, Name: name}, &found)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		l.t.Fatalf("read the CronJob %s: %v", name, err)
	}
	return &found
}

// untilCronJob waits until the CronJob is as wanted.
func (l *lab) untilCronJob(name, what string, holds func(*batchv1.CronJob) bool) *batchv1.CronJob {
	l.t.Helper()
	var found *batchv1.CronJob
	clustertest.Eventually(l.t, "the CronJob "+name+" "+what, func() (bool, string) {
		found = l.cronJob(name)
		return found != nil && holds(found), fmt.Sprintf("%+v", found)
	})
	return found
}

// jobs are those of the schedule.
func (l *lab) jobs(name string) []batchv1.Job {
	l.t.Helper()
	var found batchv1.JobList
	if err := l.Client.List(l.t.Context(), &found, client.InNamespace(l.namespace),
		client.MatchingLabels{v1alpha1.LabelSchedule: name}); err != nil {
		l.t.Fatalf("list the Jobs of %s: %v", name, err)
	}
	return found.Items
}

// started gives run-now a value and waits for the Job that it makes.
func (l *lab) started(name, value string) (job string, pod *corev1.Pod) {
	l.t.Helper()
	job = cronjob.ManualJobName(l.untilReady(name), value, 0)
	l.runNow(name, value)
	return job, l.PodOf(l.t, l.namespace, job)
}

// ended waits until the result of that run is in the schedule's status.
func (l *lab) ended(name, job string) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	return l.until(name, "shows the run "+job, func(ms *v1alpha1.MaintenanceSchedule) bool {
		return ms.Status.LastRun != nil && ms.Status.LastRun.Run == job
	})
}

func says(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s says %q, without %q", what, text, part)
		}
	}
}

// createNumbered makes one of many schedules, and returns its name.
func (l *lab) createNumbered(number int, spec v1alpha1.MaintenanceScheduleSpec) string {
	l.t.Helper()
	return l.create(fmt.Sprintf("schedule-%d", number), spec).Name
}
