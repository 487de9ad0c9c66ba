package controller

import (
	"context"
	"maps"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/apiproxy"
	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// replica is a controller whose way to the API server is a proxy, and whose looks the test decides. Its cache is the
// controller's own; what its watches say is kept back until the test lets it catch up.
type replica struct {
	t          *testing.T
	namespace  string
	truth      client.Client
	mapper     meta.RESTMapper
	proxy      *apiproxy.Proxy
	clock      *stoppedClock
	cache      cache.Cache
	reconciler *Reconciler
	stop       context.CancelFunc
}

// watchedLists are empty lists of the resources that the controller watches.
func watchedLists() map[string]client.ObjectList {
	return map[string]client.ObjectList{"maintenanceschedules": &v1alpha1.MaintenanceScheduleList{},
		"cronjobs": &batchv1.CronJobList{},
		"jobs":     &batchv1.JobList{}, "pods": &corev1.PodList{}}
}

func newReplica(t *testing.T, l *lab, f *faults, clock *stoppedClock, config *rest.Config) *replica {
	t.Helper()
	r := &replica{t: t, namespace: l.namespace, truth: l.Client, mapper: l.Client.RESTMapper(),
		proxy: apiproxy.Start(t, config), clock: clock}
	r.proxy.Judge(f.judge)
	r.start()
	t.Cleanup(func() { r.stop() })
	return r
}

// start is a new process, which knows nothing but what is stored.
func (r *replica) start() {
	r.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	options := CacheOptions([]string{r.namespace})
	options.Scheme, options.Mapper = clustertest.Scheme(), r.mapper
	config := r.proxy.Config()
	shown, err := cache.New(config, options)
	must(r.t, err)
	must(r.t, addIndex(ctx, shown, settings()))
	go func() { _ = shown.Start(ctx) }()
	if !shown.WaitForCacheSync(ctx) {
		r.t.Fatal("the cache does not start")
	}
	for _, object := range []client.Object{&v1alpha1.MaintenanceSchedule{}, &batchv1.CronJob{}, &batchv1.Job{},
		&corev1.Pod{}} {
		_, err := shown.GetInformer(ctx, object) // waits until it is filled
		must(r.t, err)
	}
	direct, err := client.New(config, client.Options{Scheme: options.Scheme, Mapper: r.mapper})
	must(r.t, err)
	cached, err := client.New(config, client.Options{Scheme: options.Scheme, Mapper: r.mapper,
		Cache: &client.CacheOptions{Reader: shown}})
	must(r.t, err)
	r.cache = shown
	r.reconciler = &Reconciler{Client: cached, Reader: direct, Events: silent{}, Metrics: NewMetrics(r.truth, nil),
		Settings: settings(), Now: r.clock.read}
	for resource := range watchedLists() {
		r.proxy.Hold(resource)
	}
}

// restart kills the process, with its connections, and starts another one.
func (r *replica) restart() {
	r.t.Helper()
	r.stop()
	r.proxy.Cut()
	for resource := range watchedLists() {
		r.proxy.Release(resource)
	}
	r.start()
}

// catchUp lets the watches of a resource say what they have to, until the cache shows what is stored.
func (r *replica) catchUp(resource string) {
	r.t.Helper()
	r.proxy.Release(resource)
	defer r.proxy.Hold(resource)
	err := wait.PollUntilContextTimeout(r.t.Context(), 2*time.Millisecond, 3*time.Minute, true,
		func(context.Context) (bool, error) {
			return maps.Equal(r.versions(r.truth, resource), r.versions(r.cache, resource)), nil
		})
	if err != nil {
		r.t.Fatalf("the cache does not show the %s: %v", resource, err)
	}
}

// versions are those of all objects of a resource that a reader shows.
func (r *replica) versions(reader client.Reader, resource string) map[string]string {
	r.t.Helper()
	list := watchedLists()[resource]
	must(r.t, reader.List(r.t.Context(), list, client.InNamespace(r.namespace)))
	versions := map[string]string{}
	for _, object := range objectsOf(r.t, list) {
		versions[object.GetName()] = object.GetResourceVersion()
	}
	return versions
}

func (r *replica) reconcile(name string) error {
	_, err := r.reconciler.Reconcile(r.t.Context(), requestOf(r.namespace, name))
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
