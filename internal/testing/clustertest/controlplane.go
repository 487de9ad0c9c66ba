package clustertest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// startTimeout is how long one program may take to start, on a machine that is busy with other tests.
const startTimeout = 2 * time.Minute

// tools are the paths of the programs.
type tools struct{ etcd, apiserver, controllerManager string }

func findTools(t testing.TB) tools {
	t.Helper()
	return tools{
		etcd:              tooltest.Path(t, "etcd"),
		apiserver:         tooltest.Path(t, "kube-apiserver"),
		controllerManager: tooltest.Path(t, "kube-controller-manager"),
	}
}

func start(tools tools) (*Cluster, error) {
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	dir, err := os.MkdirTemp("", "clustertest-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir}
	if err := c.bind(&tools); err != nil {
		return nil, err
	}
	c.environment = c.newEnvironment(tools)
	server, err := os.Create(filepath.Join(dir, "apiserver.log"))
	if err != nil {
		return nil, err
	}
	defer server.Close() // the process has its own
	c.environment.ControlPlane.GetAPIServer().Out, c.environment.ControlPlane.GetAPIServer().Err = server, server
	if c.Admin, err = c.environment.Start(); err != nil {
		err = fmt.Errorf("%w; the end of its log:\n%s", err, tail(server.Name()))
		c.stop()
		return nil, err
	}
	direct, err := client.New(c.Admin, client.Options{Scheme: Scheme()})
	if err != nil {
		c.stop()
		return nil, err
	}
	c.Client = client.WithFieldOwner(direct, User)
	return c, nil
}

func (c *Cluster) newEnvironment(tools tools) *envtest.Environment {
	environment := &envtest.Environment{
		CRDDirectoryPaths:        []string{filepath.Join(tooltest.Root(), "config", "crd")},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: startTimeout,
	}
	server := environment.ControlPlane.GetAPIServer()
	server.Path = tools.apiserver
	// Unlike envtest's default, a pod needs its service account, as in a real cluster.
	server.Configure().Disable("disable-admission-plugins").
		Set("audit-log-path", c.auditLog()).
		Set("audit-policy-file", filepath.Join(c.dir, "audit-policy.yaml"))
	environment.ControlPlane.Etcd = &envtest.Etcd{Path: tools.etcd}
	return environment
}

// bind writes the audit policy, and puts a script in front of each server that notes how it was first called, and makes it end with this
// process: a test binary that is killed leaves none running. Where setpriv is missing, nothing does.
func (c *Cluster) bind(tools *tools) error {
	if err := os.WriteFile(filepath.Join(c.dir, "audit-policy.yaml"), []byte(auditPolicy), 0o600); err != nil {
		return err
	}
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		return nil
	}
	for _, path := range []*string{&tools.etcd, &tools.apiserver, &tools.controllerManager} {
		script := filepath.Join(c.dir, filepath.Base(*path))
		content := fmt.Sprintf("#!/bin/sh\n[ \"$1\" = --help ] || [ -e '%s.args' ] || printf '%%s\\n' \"$@\" > '%[1]s.args'\nexec '%[2]s' --pdeathsig KILL '%[3]s' \"$@\"\n", script, setpriv, *path)
		if err := os.WriteFile(script, []byte(content), 0o700); err != nil {
			return err
		}
		*path = script
	}
	return nil
}

// tail is the end of a log, for a message.
func tail(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-4096):])
}
