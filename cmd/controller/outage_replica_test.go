package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"ucorefs.io/maintenance/internal/testing/apiproxy"
)

// outer is a replica and its way to the API server.
type outer struct {
	proxy      *apiproxy.Proxy
	kubeconfig string
	process    *process
	away       bool
	faults     atomic.Bool
	asked      atomic.Int64
	seed       uint64
}

func writeKubeconfig(t *testing.T, p *apiproxy.Proxy) string {
	t.Helper()
	config := p.Config()
	file := clientcmdapi.NewConfig()
	file.Clusters["c"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	file.Contexts["c"] = &clientcmdapi.Context{Cluster: "c"}
	file.CurrentContext = "c"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*file, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// judge loses, tears or refuses every fifth request while there are faults.
func (r *outer) judge(*http.Request) apiproxy.Fault {
	n := r.asked.Add(1)
	if !r.faults.Load() {
		return apiproxy.None
	}
	kinds := []apiproxy.Fault{apiproxy.LostBefore, apiproxy.LostAfter, apiproxy.Torn, http.StatusConflict,
		http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}
	random := rand.New(rand.NewPCG(r.seed, uint64(n)))
	if random.IntN(5) > 0 {
		return apiproxy.None
	}
	return kinds[random.IntN(len(kinds))]
}

// kill ends a replica as the loss of its node does.
func (r *outer) kill() {
	_ = r.process.cmd.Process.Kill()
	_ = r.process.cmd.Wait() // it was killed
}

func (o *outage) launchReplica(i int) {
	o.replicas[i].process = o.launch("KUBECONFIG=" + o.replicas[i].kubeconfig)
}

// restartEnded starts a replica again that ended by itself, as one does that lost its Lease. A kubelet would.
func (o *outage) restartEnded(i int) {
	r := o.replicas[i]
	if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.process.cmd.Process.Pid)); err == nil &&
		!strings.Contains(string(state), ") Z ") {
		return
	}
	r.kill()
	o.note("replica %d had ended", i)
	o.launchReplica(i)
}
