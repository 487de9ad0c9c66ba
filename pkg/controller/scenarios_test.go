package controller

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/runoracle"
	"ucorefs.io/maintenance/internal/testing/tooltest"
)

// A campaign of faults: a proxy loses writes before and after they took place, cuts answers and watches, answers 409,
// 429, 500 and 503, is away, and keeps back what each watch says, for longer by the controller's clock than any limit
// in its code. There are two replicas that take turns as no leader election would let them; they are killed, also
// between two writes; and Jobs are deleted. The oracle is told what really happened to each Job. SCENARIOS is how many,
// SEED where they begin. Seen to fail when a run whose Job was deleted became Failed instead of Unknown.
func TestWhateverFailsTheStatusIsTrue(t *testing.T) {
	t.Parallel()
	first := tooltest.Number(t, "SEED", 1)
	for seed := first; seed < first+tooltest.Number(t, "SCENARIOS", 300); seed++ {
		t.Run(fmt.Sprintf("SEED=%d", seed), func(t *testing.T) { newScenario(t, uint64(seed)).play() })
	}
}

// scenario is a schedule whose Jobs the test makes and ends as Kubernetes would, without a Job controller that takes
// its time.
type scenario struct {
	t        *testing.T
	lab      *lab
	random   *rand.Rand
	faults   *faults
	replicas []*replica
	clock    *stoppedClock
	oracle   runoracle.Oracle
	good     map[string]bool // by Job that ended: whether its Job is Complete
	active   string
	log      []string
}

func newScenario(t *testing.T, seed uint64) *scenario {
	t.Helper()
	s := &scenario{t: t, clock: &stoppedClock{now: time.Now().Add(time.Hour)}, random: rand.New(rand.NewPCG(seed, 13)),
		good: map[string]bool{}}
	s.lab = newUnwatchedLab(t, s.clock.read)
	s.faults = &faults{seed: seed, namespace: s.lab.namespace}
	spec := nightly()
	spec.HistoryLimit, spec.SuspendAfterFailures = new(int32(50)), new(int32(100))
	s.lab.create("nightly", spec)
	for range 2 {
		s.replicas = append(s.replicas, newReplica(t, s.lab, s.faults, s.clock, s.lab.Admin))
	}
	s.look(0)
	return s
}

// play makes things happen, ends what is under way, and then looks until all is quiet.
func (s *scenario) play() {
	s.t.Helper()
	for range 25 {
		s.faults.begin(true)
		s.happen()
	}
	s.faults.begin(false)
	if s.active != "" {
		s.end()
	}
	s.clock.pass(time.Minute)
	for range 3 {
		for i, replica := range s.replicas {
			for _, resource := range slices.Sorted(maps.Keys(watchedLists())) {
				replica.catchUp(resource)
			}
			s.look(i)
		}
	}
	status := s.lab.schedule("nightly").Status
	for _, difference := range s.oracle.Differences(status) {
		s.t.Errorf("%s\n%s\n%+v", difference, strings.Join(s.log, "\n"), status.History)
	}
}

func (s *scenario) happen() {
	s.t.Helper()
	i := s.random.IntN(len(s.replicas))
	switch s.random.IntN(20) {
	case 0, 1, 2, 3:
		if s.active == "" {
			s.begin()
		} else {
			s.end()
		}
	case 4, 5:
		s.delete()
	case 6, 7:
		s.kill(i)
	case 8, 9:
		passes := time.Duration(s.random.IntN(90)) * time.Second
		s.clock.pass(passes)
		s.note("%s pass", passes)
	case 10, 11, 12, 13:
		s.catchUp(i)
	case 14:
		s.interrupt(i)
	default:
		s.look(i)
	}
}

func (s *scenario) look(i int) {
	s.t.Helper()
	err := s.replicas[i].reconcile("nightly")
	s.note("replica %d looks: %v", i, err)
	if err != nil && !s.faults.on {
		s.t.Errorf("without faults: %v", err)
	}
}

// kill kills a replica, before, between or after the writes of a look.
func (s *scenario) kill(i int) {
	s.t.Helper()
	writes := s.random.IntN(4)
	s.faults.die(writes)
	s.look(i)
	s.note("replica %d is killed after %d writes", i, writes)
	s.replicas[i].restart()
}

// catchUp lets some watches of a replica catch up.
func (s *scenario) catchUp(i int) {
	s.t.Helper()
	for _, resource := range slices.Sorted(maps.Keys(watchedLists())) {
		if s.random.IntN(2) == 0 {
			s.replicas[i].catchUp(resource)
			s.note("replica %d hears of the %s", i, resource)
		}
	}
}

// interrupt has the server be away for a look: each connection is cut, and what the watches had to say is lost.
func (s *scenario) interrupt(i int) {
	s.t.Helper()
	s.replicas[i].proxy.Leave()
	s.look(i)
	s.replicas[i].proxy.Return(s.t)
	s.note("the server was away from replica %d", i)
}

func (s *scenario) note(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf(format, args...))
}
