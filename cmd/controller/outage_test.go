package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/apiproxy"
	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/runoracle"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/report"
)

// Two replicas of the real program elect a leader through proxies that lose, cut, refuse and delay what they say to the API server, and are
// killed as a node is lost: without a last word. In the end the status tells of each Job what the test knows, and each order of
// run-now made one Job. OUTAGES is how many such stories there are, SEED where they begin. What happens follows from the seed; how far the replicas
// have come when it does is up to the machine. The campaign in pkg/controller can repeat every request.
func TestWhateverBecomesOfTheReplicasTheStatusIsTrue(t *testing.T) {
	first := number(t, "SEED", 1)
	for seed := first; seed < first+number(t, "OUTAGES", 2); seed++ {
		t.Run(fmt.Sprintf("SEED=%d", seed), func(t *testing.T) {
			t.Parallel()
			newOutage(t, uint64(seed)).play()
		})
	}
}

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// outage is a schedule, and two replicas that things happen to.
type outage struct {
	*release
	t        *testing.T
	random   *rand.Rand
	replicas [2]*outer
	oracle   runoracle.Oracle
	active   string // the Job that is under way
	order    string // the last one
	log      []string
}

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

func newOutage(t *testing.T, seed uint64) *outage {
	t.Helper()
	o := &outage{release: install(t, "database.secretName=ucorefs-mongodb", "controller.replicas=2"), t: t, random: rand.New(rand.NewPCG(seed, 19))}
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	for i := range o.replicas {
		r := &outer{proxy: apiproxy.Start(t, config), seed: seed<<8 + uint64(i)}
		r.kubeconfig = writeKubeconfig(t, r.proxy)
		r.proxy.Judge(r.judge)
		o.replicas[i] = r
		o.launchReplica(i)
		t.Cleanup(func() { r.kill() })
	}
	o.create("nightly", "")
	o.change(func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.HistoryLimit = new(int32(50)) })
	clustertest.Eventually(t, "the schedule is seen", func() (bool, string) { return o.schedule("nightly").Status.LastOrder != nil, "" })
	return o
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
	kinds := []apiproxy.Fault{apiproxy.LostBefore, apiproxy.LostAfter, apiproxy.Torn, http.StatusConflict, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}
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

// play makes things happen, each once the replicas have asked the API server a few times more, and waits until all is well.
func (o *outage) play() {
	o.t.Helper()
	for range 30 {
		o.happen()
		o.goOn()
	}
	for i := range o.replicas {
		o.recover(i)
	}
	o.endAll()
	o.tellOfDeletions()
	clustertest.Eventually(o.t, "the status is true", func() (bool, string) {
		differences := o.oracle.Differences(o.schedule("nightly").Status)
		return len(differences) == 0, strings.Join(append(differences, o.log...), "\n")
	})
	if jobs := o.jobsOfOrders(); len(jobs) != o.orders() {
		o.t.Errorf("%d orders made %d Jobs:\n%s", o.orders(), len(jobs), strings.Join(o.log, "\n"))
	}
}

func (o *outage) happen() {
	o.t.Helper()
	i := o.random.IntN(len(o.replicas))
	r := o.replicas[i]
	resources := []string{"maintenanceschedules", "cronjobs", "jobs", "pods"}
	resource := resources[o.random.IntN(len(resources))]
	switch what := o.random.IntN(12); {
	case what < 3 && o.active == "":
		o.begin()
	case what < 3:
		o.end()
	case what < 4:
		r.kill()
		o.note("replica %d is killed", i)
		o.launchReplica(i)
	case what < 5:
		o.setAway(i, !r.away)
	case what < 7:
		r.proxy.Hold(resource)
		o.note("replica %d hears no more of the %s", i, resource)
	case what < 9:
		r.proxy.Release(resource)
		o.note("replica %d hears of the %s", i, resource)
	case what < 10:
		r.faults.Store(!r.faults.Load())
		o.note("replica %d has faults: %v", i, r.faults.Load())
	case what < 11:
		r.proxy.Cut()
		o.note("the connections of replica %d are cut", i)
	default:
		o.giveOrder()
	}
}

func (o *outage) setAway(i int, away bool) {
	r := o.replicas[i]
	switch {
	case away && !r.away:
		r.proxy.Leave()
	case !away && r.away:
		r.proxy.Return(o.t)
	}
	r.away = away
	o.note("the API server is away from replica %d: %v", i, away)
}

// goOn waits until a replica has asked a few times more; where the API server is away from both, it comes back to one.
func (o *outage) goOn() {
	o.t.Helper()
	if o.replicas[0].away && o.replicas[1].away {
		o.setAway(o.random.IntN(2), false)
	}
	for i := range o.replicas {
		o.restartEnded(i)
	}
	sum := func() int64 { return o.replicas[0].asked.Load() + o.replicas[1].asked.Load() }
	before := sum()
	clustertest.Eventually(o.t, "the replicas go on", func() (bool, string) {
		for i := range o.replicas {
			o.restartEnded(i)
		}
		return sum() >= before+3, fmt.Sprint(sum() - before)
	})
}

// restartEnded starts a replica again that ended by itself, as one does that lost its Lease. A kubelet would.
func (o *outage) restartEnded(i int) {
	r := o.replicas[i]
	if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.process.cmd.Process.Pid)); err == nil && !strings.Contains(string(state), ") Z ") {
		return
	}
	r.kill()
	o.note("replica %d had ended", i)
	o.launchReplica(i)
}

// recover lets a replica work as it should.
func (o *outage) recover(i int) {
	o.replicas[i].faults.Store(false)
	o.setAway(i, false)
	for _, resource := range []string{"maintenanceschedules", "cronjobs", "jobs", "pods"} {
		o.replicas[i].proxy.Release(resource)
	}
	o.restartEnded(i)
}

func (o *outage) note(format string, args ...any) {
	o.log = append(o.log, fmt.Sprintf(format, args...))
}

// begin makes a Job as kubectl does of a CronJob, which need not be there yet.
func (o *outage) begin() {
	o.t.Helper()
	var owner batchv1.CronJob
	if err := o.Client.Get(o.t.Context(), client.ObjectKey{Namespace: o.namespace, Name: "nightly"}, &owner); err != nil {
		o.note("no CronJob: %v", err)
		return
	}
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: o.namespace, Name: fmt.Sprintf("nightly-%d", o.oracle.Begun()+1), Labels: owner.Spec.JobTemplate.Labels,
		Annotations:     map[string]string{"cronjob.kubernetes.io/instantiate": "manual"},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(&owner, batchv1.SchemeGroupVersion.WithKind("CronJob"))}}, Spec: owner.Spec.JobTemplate.Spec}
	if err := o.Client.Create(o.t.Context(), job); err != nil {
		o.t.Fatal(err)
	}
	o.active = job.Name
	o.oracle.Begins(job.Name)
	o.note("%s begins", job.Name)
}

func (o *outage) end() {
	o.t.Helper()
	o.endPod(o.active)
	o.active = ""
}

// endPod ends the pod of a Job in one of the ways that are not tried again, and waits until Kubernetes says that the Job ended.
func (o *outage) endPod(name string) {
	o.t.Helper()
	outcome := []report.Outcome{report.Succeeded, report.Partial, report.Refused, report.Paused}[o.random.IntN(4)]
	result := report.Result{SchemaVersion: report.SchemaVersion, Outcome: outcome, Message: "so it was"}
	o.EndPod(o.t, o.PodOf(o.t, o.namespace, name), int32(result.ExitCode()), string(result.Termination()))
	o.oracle.Ends(name, outcome)
	clustertest.Eventually(o.t, "the Job "+name+" ends", func() (bool, string) {
		var job batchv1.Job
		err := o.Client.Get(o.t.Context(), client.ObjectKey{Namespace: o.namespace, Name: name}, &job)
		return apierrors.IsNotFound(err) || hasEnded(&job), fmt.Sprint(err, job.Status)
	})
	o.note("%s ends as %s", name, outcome)
}

func hasEnded(job *batchv1.Job) bool {
	for _, c := range job.Status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

// giveOrder gives an order of run-now, if the one before has become a Job.
func (o *outage) giveOrder() {
	o.t.Helper()
	if len(o.jobsOfOrders()) < o.orders() {
		return
	}
	o.order = fmt.Sprintf("run:%d", o.orders()+1)
	o.change(func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Annotations = map[string]string{v1alpha1.AnnotationRunNow: o.order}
	})
	o.note("the order %s is given", o.order)
}

// orders is how many have been given.
func (o *outage) orders() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(o.order, "run:")) // none
	return n
}

// jobsOfOrders are the Jobs that run-now made.
func (o *outage) jobsOfOrders() (names []string) {
	o.t.Helper()
	for _, job := range o.jobs() {
		if job.Annotations[v1alpha1.AnnotationRunNow] != "" {
			names = append(names, job.Name)
		}
	}
	return names
}

func (o *outage) jobs() []batchv1.Job {
	o.t.Helper()
	var all batchv1.JobList
	if err := o.Client.List(o.t.Context(), &all, client.InNamespace(o.namespace)); err != nil {
		o.t.Fatal(err)
	}
	return all.Items
}

// endAll ends what is under way, and then each Job that an order makes.
func (o *outage) endAll() {
	o.t.Helper()
	if o.active != "" {
		o.end()
	}
	done := map[string]bool{}
	clustertest.Eventually(o.t, "each order has its Job", func() (bool, string) {
		for _, name := range o.jobsOfOrders() {
			if !done[name] {
				done[name] = true
				o.oracle.Begins(name)
				o.endPod(name)
			}
		}
		return len(done) >= o.orders(), strings.Join(o.log, "\n")
	})
}

// tellOfDeletions tells the oracle which Jobs Kubernetes deleted by the limits of the CronJob.
func (o *outage) tellOfDeletions() {
	o.t.Helper()
	there := map[string]bool{}
	for _, job := range o.jobs() {
		there[job.Name] = true
	}
	for _, name := range o.oracle.Kept() {
		if !there[name] {
			o.oracle.Loses(name)
		}
	}
}

func (o *outage) change(edit func(*v1alpha1.MaintenanceSchedule)) {
	o.t.Helper()
	clustertest.Eventually(o.t, "the schedule is changed", func() (bool, string) {
		ms := o.schedule("nightly")
		edit(ms)
		err := o.Client.Update(o.t.Context(), ms)
		if err != nil && !apierrors.IsConflict(err) {
			o.t.Fatal(err)
		}
		return err == nil, fmt.Sprint(err)
	})
}
