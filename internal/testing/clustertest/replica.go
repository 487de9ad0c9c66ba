package clustertest

import (
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Replica is another API server of the control plane, a process of its own that a test may stop and start.
type Replica struct {
	// Admin may do everything there.
	Admin *rest.Config

	t       testing.TB
	command func() *exec.Cmd
	log     string
	process *os.Process // nil: it is stopped
	ended   chan error
}

// Replica starts an API server as the control plane's own is started, on the same etcd, with these flags in
// addition. It ends with the test.
func (c *Cluster) Replica(t testing.TB, flags ...string) *Replica {
	t.Helper()
	script := filepath.Join(c.dir, "kube-apiserver")
	noted, err := os.ReadFile(script + ".args")
	if err != nil {
		t.Fatalf("how the API server was started: %v: install setpriv (util-linux)", err)
	}
	address := freeAddress(t)
	args := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(noted)), "\n"), func(arg string) bool {
		return strings.HasPrefix(arg, "--audit-") || strings.HasPrefix(arg, "--secure-port=")
	})
	args = append(append(args, "--secure-port="+address.Port()), flags...)
	r := &Replica{Admin: rest.CopyConfig(c.Admin), t: t, log: filepath.Join(c.dir, "replica-"+address.Port()+".log"),
		command: func() *exec.Cmd { return exec.Command(script, args...) }}
	r.Admin.Host = "https://" + address.Host
	t.Cleanup(r.Stop)
	r.Start()
	return r
}

// Start starts the process and waits until it answers.
func (r *Replica) Start() {
	r.t.Helper()
	kube, err := kubernetes.NewForConfig(r.Admin)
	if err != nil {
		r.t.Fatal(err)
	}
	r.launch()
	Eventually(r.t, "the other API server is ready", func() (bool, string) {
		select {
		case err := <-r.ended:
			r.process = nil
			r.t.Fatalf("the other API server ended: %v; the end of its log:\n%s", err, tail(r.log))
		default:
		}
		said, err := kube.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(r.t.Context())
		if err != nil {
			return false, err.Error()
		}
		return true, string(said)
	})
}

func (r *Replica) launch() {
	r.t.Helper()
	log, err := os.Create(r.log)
	if err != nil {
		r.t.Fatal(err)
	}
	defer log.Close() // the process has its own
	cmd, ended := r.command(), make(chan error, 1)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		r.t.Fatalf("start another API server: %v", err)
	}
	r.process, r.ended = cmd.Process, ended
	go func() { ended <- cmd.Wait() }()
}

// Stop kills the process, as a crash would: connections end, and nobody answers.
func (r *Replica) Stop() {
	if r.process == nil {
		return
	}
	_ = r.process.Kill()
	<-r.ended
	r.process = nil
}

// freeAddress is one that nobody listens on at present.
func freeAddress(t testing.TB) *url.URL {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return &url.URL{Host: listener.Addr().String()}
}
