package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/hack/tools/cluster/config"
	"ucorefs.io/maintenance/hack/tools/cluster/layout"
)

// Messages on the progress pipe, each followed by its argument.
const (
	Step   = "step"   // what is being done now
	Failed = "failed" // the component at fault (or supervisor), then the error
	Done   = "done"   // the cluster works
)

// step is one stage of the start: what it is called, which component's log explains its failure, and the work.
type step struct {
	name, component string
	do              func(context.Context) error
}

// Supervise builds the cluster in the namespaces it finds itself in, and keeps it until it is killed. It returns
// when the start fails, or when the cluster's directory is gone.
func Supervise(dir layout.Dir, tools string, timeout time.Duration) error {
	progress := os.NewFile(ProgressFD, "progress")
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	components := newProcesses()
	for _, s := range steps(dir, tools, components) {
		fmt.Fprintln(progress, Step, s.name)
		if err := s.run(ctx, components); err != nil {
			component := s.component
			if died := (Died{}); errors.As(err, &died) {
				component = died.Component
			}
			fmt.Fprintln(progress, Failed, component, strings.ReplaceAll(err.Error(), "\n", " "))
			return err
		}
	}
	close(components.started)
	fmt.Fprintln(progress, Done)
	progress.Close()
	return keepWhileRecorded()
}

// keepWhileRecorded returns once the cluster's record is gone: somebody removed the directory of a running cluster,
// and no command could find this one any more.
func keepWhileRecorded() error {
	for {
		time.Sleep(time.Second)
		if _, err := os.Stat(inside.Record()); errors.Is(err, fs.ErrNotExist) {
			return errors.New("the cluster's directory was removed")
		}
	}
}

// run does the step, and gives up as soon as a component dies.
func (s step) run(ctx context.Context, components *processes) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	finished := make(chan error, 1)
	go func() { finished <- s.do(ctx) }()
	select {
	case err := <-finished:
		return err
	case died := <-components.died:
		return died
	}
}

// steps is the order of a start. Each waits for what it started, or for what it needs.
func steps(dir layout.Dir, tools string, p *processes) []step {
	start := func(cs ...config.Component) func(context.Context) error {
		return func(context.Context) error { return startAll(p, cs) }
	}
	return []step{
		{"file systems and network", "supervisor", func(context.Context) error { return prepare(dir, tools) }},
		{"etcd and containerd", "etcd", start(config.Etcd(), config.Containerd())},
		{"etcd answers", "etcd", etcdHealthy},
		{"API server", "kube-apiserver", start(config.APIServer())},
		{"images", "containerd", importImages},
		{"API server answers", "kube-apiserver", apiReady},
		{"controllers, scheduler, kubelet, proxy", "kubelet",
			start(config.ControllerManager(), config.Scheduler(), config.Kubelet(), config.Proxy())},
		{"cluster DNS deployed", "kube-apiserver", applyManifests},
		{"service accounts", "kube-controller-manager", serviceAccountReady},
		{"node ready", "kubelet", nodeReady},
		{"cluster DNS answers", "kubelet", dnsReady},
	}
}

func startAll(p *processes, cs []config.Component) error {
	for _, c := range cs {
		if err := p.start(c); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes this process's surroundings; what it sets in the environment the components inherit.
func prepare(dir layout.Dir, tools string) error {
	if err := mountAll(dir, tools); err != nil {
		return err
	}
	if err := network(); err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(layout.Node)); err != nil {
		return fmt.Errorf("set the host name: %w", err)
	}
	for name, value := range Environment() {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	return forwardAPI(APIFD)
}

// Environment is what every process in the cluster is started with: the built tools first in the path, and a
// kubeconfig that is good in there.
func Environment() map[string]string {
	return map[string]string{
		"PATH":       layout.InsideTools + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"KUBECONFIG": layout.Dir(layout.Inside).Config("admin.conf"),
		"HOME":       layout.Inside,
	}
}
