package dashboard

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// node is a node whose kubelet is a small server: the log is what comes from said. Who does not follow it gets what
// there is.
func (l *lab) node(said <-chan string) string {
	l.t.Helper()
	kubelet := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for follow := r.URL.Query().Get("follow") == "true"; ; {
			text, more := next(r.Context(), said, follow)
			if !more {
				return
			}
			fmt.Fprint(w, text)
			_ = http.NewResponseController(w).Flush() // whoever has gone reads nothing
		}
	}))
	l.t.Cleanup(kubelet.Close)
	at, err := url.Parse(kubelet.URL)
	if err != nil {
		l.t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(at.Host)
	number, _ := strconv.Atoi(port)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{GenerateName: "node-"}}
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

// next is what a log holds next; false where it ends.
func next(ctx context.Context, said <-chan string, wait bool) (string, bool) {
	select {
	case text, more := <-said:
		return text, more
	default:
	}
	if !wait {
		return "", false
	}
	select {
	case <-ctx.Done():
		return "", false
	case text, more := <-said:
		return text, more
	}
}

func (l *lab) bind(pod *corev1.Pod, node string) {
	l.t.Helper()
	binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name},
		Target: corev1.ObjectReference{Kind: "Node", Name: node}}
	if err := l.Client.SubResource("binding").Create(l.t.Context(), pod, binding); err != nil {
		l.t.Fatalf("bind the pod %s: %v", pod.Name, err)
	}
}

// scheduled is a schedule that the real controller keeps.
func (l *lab) scheduled(name, task string) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name}}
	ms.Spec.Task, ms.Spec.Schedule = v1alpha1.TaskName(task), "0 3 1 1 *"
	if err := l.Client.Create(l.t.Context(), ms); err != nil {
		l.t.Fatal(err)
	}
	clustertest.Eventually(l.t, "the CronJob is made, and the schedule was seen", func() (bool, string) {
		made := l.Client.Get(l.t.Context(), client.ObjectKeyFromObject(ms), &batchv1.CronJob{}) == nil
		return made && kubectlmaint.Unseen(l.read(name)) == nil, ""
	})
	return ms
}

// running waits until a run of the schedule is under way, and gives its name.
func (l *lab) running(name string) (run string) {
	l.t.Helper()
	clustertest.Eventually(l.t, "a run of "+name+" is under way", func() (bool, string) {
		active := l.read(name).Status.Active
		if len(active) > 0 {
			run = active[0].Run
		}
		return run != "", ""
	})
	return run
}

// From the button to the end: the run is made, its log arrives line by line, without what must not be shown, and a stop
// ends it.
func TestARunIsFollowedAndStopped(t *testing.T) {
	l := newLab(t)
	l.startController()
	l.scheduled("nightly", "verify-references")
	server := l.page(l.admin())
	address := l.address("nightly")
	if a := post(t, server, address+"/run", nil); a.status != http.StatusSeeOther {
		t.Fatalf("it answers %+v", a)
	}
	run := l.running("nightly")
	page := address + "/runs/" + run
	get(t, server, page).want(t, 200, "running", `data-stream="`+page+`/log"`)

	said := make(chan string)
	pod := l.PodOf(t, l.namespace, run)
	l.bind(pod, l.node(said))
	l.RunPod(t, pod, "127.0.0.1")
	log, progress := listen(t, server, page+"/log"), listen(t, server, eventsOf(t, server, page))
	said <- "counting <b>files</b>\nconnect to mongodb://root:hun"
	log.hears(t, "line", "counting")
	said <- "ter2@db/x\n"
	log.hears(t, "line", "mongodb://…@db/x")

	post(t, server, address+"/stop", url.Values{"run": {"another"}}).want(t, 409, "is not under way any more")
	if a := post(t, server, address+"/stop", url.Values{"run": {run}}); a.status != http.StatusSeeOther ||
		a.place != address+"?done=stop" {
		t.Errorf("it answers %+v", a)
	}
	close(said)
	log.hears(t, "end")
	clustertest.Eventually(t, "the Job is gone, or is being removed", func() (bool, string) {
		var job batchv1.Job
		err := l.Client.Get(t.Context(), client.ObjectKey{Namespace: l.namespace, Name: run}, &job)
		return client.IgnoreNotFound(err) == nil && (err != nil || job.DeletionTimestamp != nil), fmt.Sprint(err)
	})
	progress.hears(t, "put", "progress", "JobDeleted")
	for _, e := range log.all() {
		if strings.Contains(e, "hunter2") {
			t.Errorf("the log shows a password: %s", e)
		}
	}
}

// The word that makes a plan of whatever is asked for next is gone once the plan has begun.
func TestAPlanLeavesNothingBehindThatTurnsRunsIntoPlans(t *testing.T) {
	l := newLab(t)
	l.startController()
	l.scheduled("nightly", "verify-references")
	post(t, l.page(l.admin()), l.address("nightly")+"/plan", nil)
	clustertest.Eventually(t, "the plan begins and the word is gone", func() (bool, string) {
		ms := l.read("nightly")
		_, left := ms.Annotations[v1alpha1.AnnotationRunNowDryRun]
		return len(ms.Status.Active) == 1 && ms.Status.Active[0].DryRun && !left, fmt.Sprint(ms.Annotations, ms.Status.Active)
	})
	if value := l.read("nightly").Annotations[v1alpha1.AnnotationRunNow]; !strings.HasPrefix(value, "plan:") {
		t.Errorf("the request itself is %q", value)
	}
}

// What a restore would put back is read in the log of its Job before anybody can have it done.
func TestARestoreShowsTheLogOfItsJob(t *testing.T) {
	l := newLab(t)
	l.startController()
	l.scheduled("gone", "cleanup-orphaned-records")
	server := l.page(l.admin())
	restore := l.address("gone") + "/runs/gone-1"
	post(t, server, restore+"/dry-run", nil)
	job := l.jobOf("--dry-run")
	said := make(chan string, 1)
	said <- "would put back 7 records <of> mongodb://root:hunter2@db/x\n"
	close(said)
	pod := l.PodOf(t, l.namespace, job.Name)
	get(t, server, restore+"/restore").want(t, 200, "is under way")
	l.bind(pod, l.node(said))
	l.EndPod(t, pod, 0, "")
	clustertest.Eventually(t, "the Job has succeeded, with its log", func() (bool, string) {
		a := get(t, server, restore+"/restore")
		return strings.Contains(a.body, "has succeeded"), a.body
	})
}
