package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/controller"
)

// leaseName is the Lease that replicas compete for.
const leaseName = "maintenance-controller"

// start wires the controller and works until ctx is done.
func start(ctx context.Context, o options) error {
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return err
	}
	var figures *controller.Metrics // made of what the manager reads, and served by it
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: scheme,
		Cache:  controller.CacheOptions(o.namespaces),
		Metrics: metricsOptions(o, func() http.Handler {
			return figures.Handler(metrics.Registry)
		}),
		HealthProbeBindAddress:        o.probeAddress,
		LeaderElection:                o.leaderElection,
		LeaderElectionID:              leaseName,
		LeaderElectionNamespace:       o.leaderNamespace,
		LeaderElectionReleaseOnCancel: true, // run ends when the manager does
	})
	if err != nil {
		return fmt.Errorf("reach the cluster: %w", err)
	}
	figures = controller.NewMetrics(mgr.GetClient(), mgr.Elected())
	if err := figures.Follow(ctx, mgr.GetCache()); err != nil {
		return err
	}
	if err := setUp(mgr, o, figures); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

// metricsOptions are how the metrics are served: by a handler of ours, which holds no more than a part of them in
// memory. HTTP/2 is off where strangers can connect: a client that opens and resets streams costs the server more than
// itself (CVE-2023-44487).
func metricsOptions(o options, handler func() http.Handler) metricsserver.Options {
	served := metricsserver.Options{BindAddress: o.metricsAddress, FilterProvider: replacedBy(handler, nil)}
	if o.metricsSecure {
		served.SecureServing, served.CertDir = true, o.metricsCertDir
		served.FilterProvider = replacedBy(handler, filters.WithAuthenticationAndAuthorization)
		served.TLSOpts = []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }}
	}
	return served
}

// filterProvider is controller-runtime's way to put something around its handler of metrics.
type filterProvider = func(*rest.Config, *http.Client) (metricsserver.Filter, error)

// replacedBy puts a handler in the place of controller-runtime's, within the filter, if any.
func replacedBy(handler func() http.Handler, around filterProvider) filterProvider {
	return func(config *rest.Config, client *http.Client) (metricsserver.Filter, error) {
		if around == nil {
			return func(logr.Logger, http.Handler) (http.Handler, error) { return handler(), nil }, nil
		}
		filter, err := around(config, client)
		if err != nil {
			return nil, err
		}
		return func(log logr.Logger, _ http.Handler) (http.Handler, error) { return filter(log, handler()) }, nil
	}
}

func setUp(mgr ctrl.Manager, o options, figures *controller.Metrics) error {
	if err := metrics.Registry.Register(controller.BuildInfo(version)); err != nil {
		return fmt.Errorf("register the metrics: %w", err)
	}
	reconciler := &controller.Reconciler{
		Client:   mgr.GetClient(),
		Reader:   mgr.GetAPIReader(),
		Events:   mgr.GetEventRecorder(controller.Name),
		Metrics:  figures,
		Settings: o.settings,
		Live:     &controller.Live{Port: o.settings.ProgressPort},
		Now:      time.Now,
	}
	return errors.Join(
		reconciler.SetupWithManager(mgr),
		mgr.AddHealthzCheck("ping", healthz.Ping),
		mgr.AddReadyzCheck("cache", cacheIsSynced(mgr.GetCache())),
	)
}

func cacheIsSynced(c cache.Cache) healthz.Checker {
	return func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), time.Second)
		defer cancel()
		if !c.WaitForCacheSync(ctx) {
			return errors.New("the cache is not synchronised yet")
		}
		return nil
	}
}
