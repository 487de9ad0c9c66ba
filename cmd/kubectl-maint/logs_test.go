package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// node is a node whose kubelet is a small server that answers with the path that it was asked for.
func (l *lab) node() string {
	l.t.Helper()
	kubelet := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "the kubelet was asked for %s %s\n", r.URL.Path, r.URL.Query().Get("follow"))
	}))
	l.t.Cleanup(kubelet.Close)
	at, err := url.Parse(kubelet.URL)
	if err != nil {
		l.t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(at.Host)
	number, _ := strconv.Atoi(port)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-of-" + l.namespace}}
	if err := l.Client.Create(l.t.Context(), node); err != nil {
		l.t.Fatal(err)
	}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: host}}
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(number)
	if err := l.Client.Status().Update(l.t.Context(), node); err != nil {
		l.t.Fatal(err)
	}
	return node.Name
}

func (l *lab) bind(pod *corev1.Pod, node string) {
	l.t.Helper()
	binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
		Target: corev1.ObjectReference{Kind: "Node", Name: node}}
	if err := l.Client.SubResource("binding").Create(l.t.Context(), pod, binding); err != nil {
		l.t.Fatalf("bind the pod %s: %v", pod.Name, err)
	}
}

func TestLogsAreThoseOfTheNewestRunOrOfAGivenOne(t *testing.T) {
	l := newLab(t)
	node := l.node()
	l.create("nightly", nil)
	l.maint("run", "nightly").want(t, 0)
	first := l.podOfRun("nightly")
	l.bind(first, node)
	following := l.start("logs", "nightly", "--follow")
	l.EndPod(t, first, 0, message(report.Succeeded, "", false))
	(<-following).want(t, 0, "/containerLogs/"+l.namespace+"/"+first.Name+"/maint-job true")
	l.until("nightly", "has a run", func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.LastRun != nil })

	l.untilLater(first)
	l.maint("run", "nightly").want(t, 0)
	second := l.podOfRun("nightly")
	l.bind(second, node)
	l.EndPod(t, second, 0, message(report.Succeeded, "", false))
	l.maint("logs", "nightly").want(t, 0, "/"+second.Name+"/maint-job")
	l.maint("logs", "nightly", "--run", first.Labels["batch.kubernetes.io/job-name"]).want(t, 0,
		"/"+first.Name+"/maint-job")
	l.maint("logs", "nightly", "--run", "nightly-0").want(t, 1, "the run nightly-0 of nightly has no pod")
}

// untilLater waits until the API server's clock, in whole seconds, is past the pod's creation.
func (l *lab) untilLater(pod *corev1.Pod) {
	l.t.Helper()
	clustertest.Eventually(l.t, "a second passes", func() (bool, string) {
		probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, GenerateName: "clock-"}}
		err := l.Client.Create(l.t.Context(), probe, client.DryRunAll)
		return err == nil && pod.CreationTimestamp.Before(&probe.CreationTimestamp), fmt.Sprint(err)
	})
}
