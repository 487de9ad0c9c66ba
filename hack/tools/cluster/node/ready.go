package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

const inside = layout.Dir(layout.Inside)

// until tries again and again until try succeeds or the time is up.
func until(ctx context.Context, what string, try func(context.Context) error) error {
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w (last: %w)", what, ctx.Err(), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func etcdHealthy(ctx context.Context) error {
	return until(ctx, "etcd is not healthy", func(ctx context.Context) error {
		return get(ctx, http.DefaultClient, "http://127.0.0.1:"+layout.EtcdPort+"/health")
	})
}

func apiReady(ctx context.Context) error {
	client, err := apiClient()
	if err != nil {
		return err
	}
	return until(ctx, "the API server is not ready", func(ctx context.Context) error {
		return get(ctx, client, "https://127.0.0.1:"+layout.APIPort+"/readyz")
	})
}

// apiClient shows the certificate with which the API server itself speaks to the kubelet: an administrator's.
func apiClient() (*http.Client, error) {
	pair, err := tls.LoadX509KeyPair(inside.PKI("apiserver-kubelet-client.crt"),
		inside.PKI("apiserver-kubelet-client.key"))
	if err != nil {
		return nil, fmt.Errorf("load a client certificate: %w", err)
	}
	authority, err := os.ReadFile(inside.PKI("ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("load the authority: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}},
	}}, nil
}

func get(ctx context.Context, client *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

// importImages waits for containerd and gives it the cluster's own images.
func importImages(ctx context.Context) error {
	tarballs, err := filepath.Glob(inside.Image("*"))
	if err != nil {
		return err
	}
	err = until(ctx, "containerd does not answer", func(ctx context.Context) error {
		return run(ctx, "ctr", "--address", layout.Containerd, "version")
	})
	for _, tarball := range tarballs {
		if err == nil {
			err = run(ctx, "ctr", "--address", layout.Containerd, "--namespace", "k8s.io", "images", "import", tarball)
		}
	}
	return err
}

func applyManifests(ctx context.Context) error {
	return until(ctx, "apply the cluster's manifests", func(ctx context.Context) error {
		return run(ctx, "kubectl", "apply", "-f", inside.Config("manifests"))
	})
}

// serviceAccountReady waits for the account without which no pod can be created in the default namespace.
func serviceAccountReady(ctx context.Context) error {
	return until(ctx, "no default service account", func(ctx context.Context) error {
		return run(ctx, "kubectl", "get", "serviceaccount", "default")
	})
}

func nodeReady(ctx context.Context) error {
	return until(ctx, "the node is not ready", func(ctx context.Context) error {
		return run(ctx, "kubectl", "wait", "--for=condition=Ready", "--timeout=30s", "node/"+layout.Node)
	})
}

// dnsReady resolves a name through the DNS service's address, which takes the proxy, the pod network and CoreDNS.
func dnsReady(ctx context.Context) error {
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "udp", net.JoinHostPort(layout.DNSIP, "53"))
	}}
	return until(ctx, "cluster DNS does not answer", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		addresses, err := resolver.LookupHost(ctx, "kubernetes.default.svc."+layout.Domain+".")
		if err == nil && (len(addresses) != 1 || addresses[0] != layout.ServiceIP) {
			return fmt.Errorf("kubernetes resolves to %v", addresses)
		}
		return err
	})
}

// run runs a tool; what it printed becomes part of the error.
func run(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, filepath.Join(layout.InsideTools, name), args...).CombinedOutput()
	if err == nil {
		return nil
	}
	if text := strings.TrimSpace(string(out)); text != "" {
		err = errors.New(text)
	}
	return fmt.Errorf("%s: %w", name, err)
}
