package crashes

import (
	"flag"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/report"
)

// runName is the run that is judged.
const runName = "run"

// Each seed is a library, a task, and what goes wrong. CRASH_SEEDS is how many there are, from CRASH_SEED on.
func TestNoCrashAndNoFaultBreaksASafetyRule(t *testing.T) {
	first, n := int64(tooltest.Number(t, "CRASH_SEED", 1)), int64(tooltest.Number(t, "CRASH_SEEDS", 28))
	var mu sync.Mutex
	var all figures
	began := time.Now()
	t.Run("seeds", func(seeds *testing.T) {
		for seed := first; seed < first+n; seed++ {
			seeds.Run(strconv.FormatInt(seed, 10), func(t *testing.T) {
				t.Parallel()
				if seeds.Failed() && flag.Lookup("test.failfast").Value.String() == "true" {
					t.Skip("another seed failed")
				}
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					s := newSimulation(t, seed, dir)
					s.campaign()
					mu.Lock()
					defer mu.Unlock()
					all.add(s.found)
				})
			})
		}
	})
	took := time.Since(began)
	t.Logf("%d seeds in %s: %d crash points were checked (%.0f a minute), from %d states a run went on, %d faults were "+
		"injected",
		n, took.Round(time.Second), all.points, float64(all.points)/took.Minutes(), all.states, all.faults)
}

// campaign is all that a seed does.
func (s *simulation) campaign() {
	if s.scenario.begin != nil {
		s.scenario.begin(s)
	}
	s.setOrigin()
	if s.scenario.moves {
		s.moving()
		return
	}
	if !s.undisturbed() {
		return
	}
	for i, m := range s.crashes {
		if s.goOnFrom(i, m); s.failed {
			return
		}
	}
	for _, f := range faults {
		if s.inject(f, s.target(f)); s.failed {
			return
		}
	}
}

// target is a command of the undisturbed run, most often one that writes.
func (s *simulation) target(f fault) int {
	if f.changes && len(s.changes) > 0 {
		return s.changes[s.rand.IntN(len(s.changes))]
	}
	if len(s.writes) > 0 && s.rand.IntN(4) > 0 {
		return s.writes[s.rand.IntN(len(s.writes))]
	}
	return 1 + s.rand.IntN(s.commands)
}

func (s *simulation) setOrigin() {
	s.origin, s.originDocs, s.ids = s.state(), s.docs(), map[string]place{}
	s.originBroken = s.layout.Broken(s.originDocs)
	for c, docs := range s.originDocs {
		for _, doc := range docs {
			s.ids[key(c, doc)] = place{c, doc.Lookup("_id")}
		}
	}
	s.begin, s.restorable = s.moment(), state{}
	if s.scenario.undoes {
		for c, docs := range s.library.Raw() {
			for _, doc := range docs {
				s.restorable[key(c, doc)] = string(doc)
			}
		}
	}
}

// place is where a document is.
type place struct {
	collection string
	id         bson.RawValue
}

// undisturbed does the run that nothing happens to, and keeps each state in which it could have died.
func (s *simulation) undisturbed() (any bool) {
	s.judged(s.begin, nil)
	p := s.process(runName)
	wrote := false
	p.script = func(n int, c strictmongo.Command) *strictmongo.Fault {
		if wrote {
			s.crashes = append(s.crashes, s.moment())
		}
		if wrote = isWrite(c); writes(c) {
			s.writes = append(s.writes, n)
		}
		if len(s.targets(c)) > 0 {
			s.changes = append(s.changes, n)
		}
		return nil
	}
	s.result = p.do()
	s.commands = len(p.commands)
	if !isWell(s.result) {
		return false
	}
	s.judge.look()
	s.end, s.allowed = s.normal(), s.judge.seen
	for k := range s.allowed {
		if len(s.allowed[k]) > 1 {
			s.touched = append(s.touched, k)
		}
	}
	slices.Sort(s.touched)
	s.meetsOracle()
	s.verdict("undisturbed")
	return true
}

// meetsOracle compares the end of the undisturbed run with what an oracle says.
func (s *simulation) meetsOracle() {
	if s.scenario.expects == nil || s.result.Outcome == report.Partial {
		return
	}
	want := s.scenario.expects(s, s.originDocs)
	if want == nil {
		return
	}
	if diff := librarytest.Diff(want, s.docs(), "album_ids"); diff != "" {
		s.judge.fail("the end is not what the oracle says (%s/%s %s):\n%s", s.result.Outcome, s.result.Reason,
			s.result.Message, diff)
	}
}

// killed is the reason of a run that is gone without a result, and that nobody else is beside.
const killed report.Reason = "Killed"

// goOnFrom lets another pod go on from a state in which the run died, now and then killed once more.
func (s *simulation) goOnFrom(i int, m moment) {
	s.judged(m, s.allowed)
	s.found.states++
	what := "killed in state " + strconv.Itoa(i)
	if s.rand.IntN(3) == 0 {
		at := 1 + s.rand.IntN(s.commands)
		p := s.process(runName)
		p.script = func(n int, _ strictmongo.Command) *strictmongo.Fault {
			if n != at {
				return nil
			}
			p.die()
			return &strictmongo.Fault{As: strictmongo.CutAfter}
		}
		p.do()
		what += " and again at command " + strconv.Itoa(at)
	}
	s.goOn(what, report.Result{Reason: killed})
	s.conclude(what)
	if s.scenario.journaled && s.rand.IntN(4) == 0 {
		s.bringBack(what)
	}
}

// goOn does runs until one ends well: the same run at once, as a Job's next pod, or another one when the lock is free.
func (s *simulation) goOn(what string, was report.Result) {
	name := runName
	if s.rand.IntN(2) == 0 {
		name = "next"
	}
	for range 4 {
		if name != runName {
			outliveLock()
		}
		first := was.Reason == killed
		if was = s.process(name).do(); isWell(was) && s.isEnd() {
			return
		}
		if first && was.Reason == report.ReasonLocked {
			s.judge.fail("%s: the next pod of the same run, or a run long after it, found it locked: %s", what, was.Message)
		}
		if isWell(was) && s.scenario.name != "some counters" {
			break
		}
		name = "next"
	}
	if !isWell(was) {
		s.judge.fail("%s: the run after that ended as %s/%s: %s", what, was.Outcome, was.Reason, was.Message)
	}
}

func (s *simulation) isEnd() bool { return s.judge.tainted || same(s.normal(), s.end) }

// conclude compares the end with that of the undisturbed run.
func (s *simulation) conclude(what string) {
	s.mu.Lock()
	s.judge.look()
	s.mu.Unlock()
	if !s.isEnd() {
		s.judge.fail("the end is another than that of the undisturbed run:\n%s", difference(s.end, s.normal()))
	}
	s.verdict(what)
}

// bringBack restores all that the runs took.
func (s *simulation) bringBack(what string) {
	for _, run := range []string{"next", runName} {
		p := s.process("restore of " + run)
		if r := p.undo(run); !isWell(r) && r.Reason != report.ReasonConfiguration {
			s.judge.fail("the restore of %s ended as %s/%s: %s", run, r.Outcome, r.Reason, r.Message)
		}
	}
	now := s.state()
	for k := range now {
		if s.judge.isQueued(k) && s.origin[k] == "" {
			delete(now, k)
		}
	}
	if !same(now, s.origin) {
		s.judge.fail("the restore left another library:\n%s", difference(s.origin, now))
	}
	s.verdict(what + " and restored")
}

// verdict fails the test for all that was found.
func (s *simulation) verdict(what string) {
	if len(s.judge.faulted) > 0 {
		s.failed = true
		s.t.Errorf("seed %d, layout %s, %q, %s:\n%s", s.seed, s.layout, s.scenario.name, what,
			strings.Join(s.judge.faulted[:min(len(s.judge.faulted), 4)], "\n"))
	}
	s.judge.faulted = nil
}

// normal is the state in which it does not matter what ids the documents have that a run adds: what they name does.
func (s *simulation) normal() state {
	all := s.state()
	for k, doc := range all {
		if _, old := s.origin[k]; old || !s.judge.isQueued(k) {
			continue
		}
		delete(all, k)
		values, _ := bson.Raw(doc).Lookup("task_args").ArrayOK()
		for _, id := range strings.Split(bson.RawArray(values).String(), ",") {
			all["queued "+strings.Trim(id, `[" ]`)] += "once "
		}
	}
	return all
}
