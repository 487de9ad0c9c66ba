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

// bind writes the audit policy, and binds the servers to this process.
func (c *Cluster) bind(tools *tools) (err error) {
	if err := os.WriteFile(filepath.Join(c.dir, "audit-policy.yaml"), []byte(auditPolicy), 0o600); err != nil {
		return err
	}
	for _, path := range []*string{&tools.etcd, &tools.apiserver} {
		if *path, err = c.bound(*path); err != nil {
			return err
		}
	}
	return nil
}

// bound is a script that runs a program which ends with this process: a test binary that is killed leaves none running.
// The program collects its garbage late, which takes less of the processor. The script notes how it was first called.
// Where setpriv is missing, it is the program itself.
func (c *Cluster) bound(program string) (string, error) {
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		return program, nil
	}
	script := filepath.Join(c.dir, filepath.Base(program))
	note := fmt.Sprintf(`[ "$1" = --help ] || [ -e '%s.args' ] || printf '%%s\n' "$@" > '%[1]s.args'`, script)
	content := fmt.Sprintf("#!/bin/sh\n%s\nGOGC=400 exec '%s' --pdeathsig KILL '%s' \"$@\"\n", note, setpriv, program)
	return script, os.WriteFile(script, []byte(content), 0o700)
}

// tail is the end of a log, for a message.
func tail(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-4096):])
}
