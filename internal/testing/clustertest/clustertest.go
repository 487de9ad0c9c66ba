// Package clustertest gives tests a real Kubernetes control plane: etcd, kube-apiserver with the project's CRD,
// and, where a test asks for it, the kube-controller-manager that turns CronJobs into Jobs and Jobs into pods, and
// the kube-scheduler that chooses their nodes.
//
// One thing is simulated, since no machine is a node: the kubelet. A pod that the Job controller made stays pending
// until the test writes into its status what a kubelet would (EndPod, BlockPod). Everything else is Kubernetes'
// own.
//
// There is one control plane for each test binary, started by the first test that wants it and stopped by Main;
// tests keep out of each other's way by namespaces of their own, and one that cannot has a control plane of its own
// (StartAlone). It must not be linked by anything that ships.
package clustertest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Cluster is the control plane of this test binary.
type Cluster struct {
	// Admin may do everything.
	Admin *rest.Config
	// Client is the administrator's, under the name of User in managed fields; it reads no cache.
	Client client.Client

	dir         string // its files, the audit log among them
	environment *envtest.Environment
	controllers sync.Once
	stops       []func()
}

// User is the field manager of what tests write through Client.
const User = "a-user"

var shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// Main runs the tests and stops what they started. A test binary that uses this package has
//
//	func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }
func Main(m *testing.M) int {
	if err := runMoreAtOnce(); err != nil {
		fmt.Fprintln(os.Stderr, "clustertest:", err)
		return 1
	}
	code := m.Run()
	if shared.cluster != nil {
		shared.cluster.stop()
	}
	return code
}

// atOnce is how many tests run at once: most of the time they wait for servers.
const atOnce = 6

// runMoreAtOnce raises the default of -parallel, which is the number of processors.
func runMoreAtOnce() error {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(max(atOnce, runtime.GOMAXPROCS(0))))
}

// Start is the control plane. Where its programs are not built the test is skipped, or fails if REQUIRE_ALL=1.
func Start(t testing.TB) *Cluster {
	t.Helper()
	tools := findTools(t)
	shared.once.Do(func() { shared.cluster, shared.err = start(tools) })
	if shared.err != nil {
		t.Fatalf("start the control plane: %v", shared.err)
	}
	return shared.cluster
}

// StartAlone is a control plane that no other test shares, and that stops when the test ends.
func StartAlone(t testing.TB) *Cluster {
	t.Helper()
	c, err := start(findTools(t))
	if err != nil {
		t.Fatalf("start a control plane: %v", err)
	}
	t.Cleanup(c.stop)
	return c
}

// Scheme knows Kubernetes' types and the project's.
func Scheme() *apiruntime.Scheme {
	scheme := apiruntime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		panic(err) // a defect of the program
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		panic(err)
	}
	return scheme
}

// Namespace is a fresh namespace with these labels, removed when the test ends.
func (c *Cluster) Namespace(t testing.TB, labels map[string]string) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "t-", Labels: labels}}
	if err := c.Client.Create(t.Context(), namespace); err != nil {
		t.Fatalf("create a namespace: %v", err)
	}
	t.Cleanup(func() { _ = c.Client.Delete(context.Background(), namespace) })
	return namespace.Name
}

// ServiceAccount creates a service account, without which no pod can name it.
func (c *Cluster) ServiceAccount(t testing.TB, namespace, name string) {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	if err := c.Client.Create(t.Context(), account); err != nil {
		t.Fatalf("create a service account: %v", err)
	}
}

// Kubeconfig is the path of a kubeconfig of a new user with that name and those groups, and no rights but those
// given to them.
func (c *Cluster) Kubeconfig(t testing.TB, user string, groups ...string) string {
	t.Helper()
	added, err := c.environment.AddUser(envtest.User{Name: user, Groups: groups}, nil)
	if err != nil {
		t.Fatalf("add the user %s: %v", user, err)
	}
	content, err := added.KubeConfig()
	if err != nil {
		t.Fatalf("write a kubeconfig: %v", err)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// patience is how long Eventually waits: much longer than anything here takes on a busy machine.
const patience = 3 * time.Minute

// Eventually waits until the condition holds. What it returns last is part of the failure's message.
func Eventually(t testing.TB, what string, holds func() (bool, string)) {
	t.Helper()
	var last string
	look := func(context.Context) (ok bool, _ error) {
		ok, last = holds()
		return ok, nil
	}
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, patience, true, look)
	if err != nil {
		t.Fatalf("%s: %v; last seen: %s", what, err, last)
	}
}

func (c *Cluster) stop() {
	for _, stop := range c.stops {
		stop()
	}
	if err := c.environment.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "clustertest: stop the control plane:", err)
	}
	_ = os.RemoveAll(c.dir)
}
