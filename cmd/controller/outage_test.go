package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/clientcmd"

	"ucorefs.io/maintenance/internal/testing/apiproxy"
	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/runoracle"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Two replicas of the real program elect a leader through proxies that lose, cut, refuse and delay what they say to the
// API server, and are killed as a node is lost: without a last word. In the end the status tells of each Job what the
// test knows, and each order of run-now made one Job. OUTAGES is how many such stories there are, SEED where they
// begin. What happens follows from the seed; how far the replicas have come when it does is up to the machine. The
// campaign in pkg/controller can repeat every request.
func TestWhateverBecomesOfTheReplicasTheStatusIsTrue(t *testing.T) {
	first := tooltest.Number(t, "SEED", 1)
	for seed := first; seed < first+tooltest.Number(t, "OUTAGES", 2); seed++ {
		t.Run(fmt.Sprintf("SEED=%d", seed), func(t *testing.T) {
			t.Parallel()
			newOutage(t, uint64(seed)).play()
		})
	}
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

func newOutage(t *testing.T, seed uint64) *outage {
	t.Helper()
	o := &outage{release: install(t, "database.secretName=ucorefs-mongodb", "controller.replicas=2"), t: t,
		random: rand.New(rand.NewPCG(seed, 19))}
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
	clustertest.Eventually(t, "the schedule is seen",
		func() (bool, string) { return o.schedule("nightly").Status.LastOrder != nil, "" })
	return o
}

// play makes things happen, each once the replicas have asked the API server a few times more, and waits until all is
// well.
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

// goesOnWithin is how long something that happens has for its consequences: a replica that works renews its Lease every
// two seconds.
const goesOnWithin = 10 * time.Second

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
// A replica that hears nothing of what it waits for as it starts asks no more: then the story goes on after a while.
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
	for long := time.Now().Add(goesOnWithin); sum() < before+3 &&
		time.Now().Before(long); time.Sleep(50 * time.Millisecond) {
		for i := range o.replicas {
			o.restartEnded(i)
		}
	}
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
