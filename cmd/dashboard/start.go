package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"ucorefs.io/maintenance/pkg/dashboard"
	"ucorefs.io/maintenance/pkg/dashboard/access"
	"ucorefs.io/maintenance/pkg/dashboard/server"
)

// protector is one of the ways in of pkg/dashboard/access.
type protector interface {
	Protect(http.Handler) http.Handler
}

// start wires the dashboard and serves until ctx is done.
func start(ctx context.Context, o options, log *slog.Logger) error {
	way, err := wayIn(o, log)
	if err != nil {
		return err
	}
	certificates, err := certificatesOf(o)
	if err != nil {
		return err
	}
	page := dashboard.New(dashboard.Options{Namespace: o.namespace, Clock: time.Now, Version: version, Log: log,
		Logout: o.auth == authToken})
	return serve(ctx, o, way.Protect(page), certificates, log)
}

func wayIn(o options, log *slog.Logger) (protector, error) {
	if o.auth == authProxy {
		cluster, err := podConfig()
		if err != nil {
			return nil, err
		}
		return access.NewProxy(access.ProxyOptions{Cluster: cluster, From: o.proxyCIDRs, UserHeader: o.userHeader,
			GroupsHeader: o.groupsHeader,
			Groups:       o.proxiedGroups, Log: log})
	}
	key, err := sessionKey(o.sessionKey)
	if err != nil {
		return nil, err
	}
	cluster, err := tokenlessConfig(o)
	if err != nil {
		return nil, err
	}
	return access.NewTokens(access.TokenOptions{Cluster: cluster, SessionKey: key, Clock: time.Now, Log: log})
}

// podConfig has the pod's own token, with which it may impersonate; outside a cluster, it is that of KUBECONFIG.
func podConfig() (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("find the cluster: %w", err)
	}
	return patient(config), nil
}

// tokenlessConfig is the address and the CA of the API server: the pod has no token.
func tokenlessConfig(o options) (*rest.Config, error) {
	address := o.apiServer
	if address == "" {
		host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
		if host == "" || port == "" {
			return nil, errors.New("this is not a pod of a cluster: set --api-server")
		}
		address = "https://" + net.JoinHostPort(host, port)
	}
	config := &rest.Config{Host: address, TLSClientConfig: rest.TLSClientConfig{CAFile: o.apiServerCA}}
	if _, err := rest.TransportFor(config); err != nil {
		return nil, fmt.Errorf("--api-server, --api-server-ca-file: %w", err)
	}
	return patient(config), nil
}

// patient raises client-go's limits: a page asks many short questions at once. The API server is near, and to compress
// a long list takes both of them longer than to send it.
func patient(config *rest.Config) *rest.Config {
	config.QPS, config.Burst, config.DisableCompression = 50, 100, true
	config.UserAgent = "maintenance-dashboard/" + version
	return config
}

func sessionKey(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	key, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--session-key-file: %w", err)
	}
	if len(key) < access.MinKey {
		return nil, fmt.Errorf("--session-key-file: %s has %d bytes: write %d or more random bytes", file, len(key),
			access.MinKey)
	}
	return key, nil
}

func certificatesOf(o options) (*tls.Config, error) {
	if o.plainHTTP {
		return nil, nil
	}
	certificate, err := server.LoadCertificate(o.certDir)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert-dir: %w", err)
	}
	return certificate.Config(), nil
}

func serve(ctx context.Context, o options, handler http.Handler, certificates *tls.Config, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	listener, err := listen("--listen", o.listen)
	if err != nil {
		return err
	}
	health, err := serveHealth(ctx, o.healthListen, log)
	if err != nil {
		return err
	}
	log.Info("the dashboard starts", "version", version, "address", listener.Addr().String(), "auth", o.auth, "tls",
		!o.plainHTTP)
	err = server.Serve(ctx, listener, handler, certificates, log)
	cancel()
	return errors.Join(err, <-health)
}

// listen takes the address of a flag.
func listen(flag, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s: another program uses %s: write another port, or end that program: %w", flag, address, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return listener, nil
}

// serveHealth answers the kubelet. The page itself needs no check: it has no state that could go wrong.
func serveHealth(ctx context.Context, address string, log *slog.Logger) (<-chan error, error) {
	ended := make(chan error, 1)
	if address == "0" {
		close(ended)
		return ended, nil
	}
	listener, err := listen("--health-listen", address)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if ctx.Err() != nil {
			http.Error(w, "the dashboard is shutting down", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ok\n")
	})
	go func() { ended <- server.Serve(ctx, listener, mux, nil, log) }()
	return ended, nil
}
