package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/controller"
	"ucorefs.io/maintenance/pkg/cronjob"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

// lab is a namespace of a real cluster in which the real controller works; the test itself is the kubelet.
type lab struct {
	*clustertest.Cluster
	t          *testing.T
	namespace  string
	kubeconfig string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	t.Parallel()
	l := &lab{Cluster: clustertest.Start(t), t: t}
	l.StartControllers(t)
	l.namespace = l.Namespace(t, nil)
	l.ServiceAccount(t, l.namespace, "maintenance-jobs")
	l.kubeconfig = l.Kubeconfig(t, "an-admin", "system:masters")
	l.startController()
	return l
}

func (l *lab) startController() {
	l.t.Helper()
	mgr, err := ctrl.NewManager(l.Admin, ctrl.Options{
		Scheme: clustertest.Scheme(), Cache: controller.CacheOptions([]string{l.namespace}),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)}, // each test has one of its own
	})
	if err != nil {
		l.t.Fatal(err)
	}
	figures := controller.NewMetrics(mgr.GetClient(), mgr.Elected())
	reconciler := &controller.Reconciler{Client: mgr.GetClient(), Reader: mgr.GetAPIReader(),
		Events:  mgr.GetEventRecorder(controller.Name),
		Metrics: figures, Now: time.Now, Settings: cronjob.Settings{
			Image: "maint-job:test", PullPolicy: corev1.PullIfNotPresent, ServiceAccount: "maintenance-jobs",
			Database: v1alpha1.DatabaseSpec{SecretName: "ucorefs-mongodb", SecretKey: "uri"}}}
	if err := reconciler.SetupWithManager(mgr); err != nil {
		l.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	l.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			l.t.Errorf("the manager: %v", err)
		}
	})
}

// create makes a schedule that does not fire while a test looks at it, and waits until the controller saw it.
func (l *lab) create(name string, change func(*v1alpha1.MaintenanceSchedule)) {
	l.t.Helper()
	l.apply(name, change)
	l.until(name, "was seen", func(ms *v1alpha1.MaintenanceSchedule) bool {
		return ms.Status.ObservedGeneration == ms.Generation && meta.FindStatusCondition(ms.Status.Conditions,
			v1alpha1.ConditionReady) != nil
	})
}

// apply creates a schedule, which the controller has not seen yet.
func (l *lab) apply(name string, change func(*v1alpha1.MaintenanceSchedule)) {
	l.t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name}}
	ms.Spec.Task, ms.Spec.Schedule = "verify-references", "0 3 1 1 *"
	if change != nil {
		change(ms)
	}
	if err := l.Client.Create(l.t.Context(), ms); err != nil {
		l.t.Fatalf("create the schedule %s: %v", name, err)
	}
}

func (l *lab) schedule(name string) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	var ms v1alpha1.MaintenanceSchedule
	if err := l.Client.Get(l.t.Context(), client.ObjectKey{Namespace: l.namespace, Name: name}, &ms); err != nil {
		l.t.Fatalf("read the schedule %s: %v", name, err)
	}
	return &ms
}

func (l *lab) until(name, what string, holds func(*v1alpha1.MaintenanceSchedule) bool) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	var ms *v1alpha1.MaintenanceSchedule
	clustertest.Eventually(l.t, name+" "+what, func() (bool, string) {
		ms = l.schedule(name)
		return holds(ms), fmt.Sprintf("%v %+v", ms.Annotations, ms.Status)
	})
	return ms
}

// podOfRun waits for the pod of the run that was asked for last.
func (l *lab) podOfRun(name string) *corev1.Pod {
	l.t.Helper()
	ms := l.until(name, "is asked for a run",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Annotations[v1alpha1.AnnotationRunNow] != "" })
	return l.PodOf(l.t, l.namespace, cronjob.ManualJobName(ms, ms.Annotations[v1alpha1.AnnotationRunNow], 0))
}

// result is what a call of the plugin left.
type result struct {
	code      int
	out, errs string
}

// maint calls the plugin as a person would, in the lab's namespace.
func (l *lab) maint(args ...string) result {
	return l.maintIn(strings.NewReader(""), args...)
}

func (l *lab) maintIn(in io.Reader, args ...string) result {
	return call(l.t.Context(), in, append(args, "--kubeconfig", l.kubeconfig, "--namespace", l.namespace)...)
}

// start calls it in the background.
func (l *lab) start(args ...string) <-chan result {
	done := make(chan result, 1)
	go func() { done <- l.maint(args...) }()
	return done
}

func call(ctx context.Context, in io.Reader, args ...string) result {
	var out, errs bytes.Buffer
	code := run(ctx, args, in, &out, &errs)
	return result{code, out.String(), errs.String()}
}

// want checks the exit code, and that all parts are in what was printed.
func (r result) want(t *testing.T, code int, parts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("it exits with %d, want %d", r.code, code)
	}
	for _, part := range parts {
		if !strings.Contains(r.out+r.errs, part) {
			t.Errorf("%q is missing", part)
		}
	}
	if t.Failed() {
		t.Logf("stdout:\n%s\nstderr:\n%s", r.out, r.errs)
	}
}
