package controller

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// world is one schedule with a clock of its own: the controller's decisions, and a model of Kubernetes' CronJob
// controller, which starts the last slot since the CronJob last fired, or was made, that the deadline reaches back to.
type world struct {
	now      time.Time
	schedule *v1alpha1.MaintenanceSchedule
	cronJob  *batchv1.CronJob
	wake     time.Time
	refuses  bool      // admission refuses the CronJob
	down     bool      // Kubernetes' CronJob controller does not run
	up       time.Time // since when it does: it makes up for what was due before
	inForce  time.Time // when somebody last edited something, or admission last allowed it
	starts   []start
	t        *testing.T

	parsedFrom string
	parsedAs   cron.Schedule
}

// start is a run: its slot, and when it was made.
type start struct{ slot, at time.Time }

func newWorld(t *testing.T, now time.Time, edit func(*v1alpha1.MaintenanceSchedule)) *world {
	ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: "media", Name: "nightly", UID: "0",
		CreationTimestamp: metav1.NewTime(now)}}
	ms.Spec.Task, ms.Status.ObservedGeneration = "verify-references", -1
	w := &world{now: now, schedule: ms, t: t}
	w.edit(edit)
	return w
}

func (w *world) edit(change func(*v1alpha1.MaintenanceSchedule)) {
	change(w.schedule)
	w.schedule.Generation++
	w.t.Logf("%s: %q %v %s delay %v suspend %v missed %s refused %v down %v", short(w.now), w.schedule.Spec.Schedule,
		w.schedule.Spec.Interval, w.schedule.Spec.TimeZone,
		w.schedule.Spec.InitialDelay, w.schedule.Spec.Suspend, w.schedule.Spec.MissedRuns, w.refuses, w.down)
	w.inForce = w.now
	w.look()
}

func (w *world) run(runs bool) {
	if w.down && runs {
		w.up = w.now
	}
	w.down = !runs
	w.sync()
}

func (w *world) admit(allowed bool) {
	w.refuses = !allowed
	if allowed {
		w.inForce = w.now
	}
}

// look is one reconciliation.
func (w *world) look() {
	seen := observation{now: w.now, schedule: w.schedule.DeepCopy(), cronJob: w.cronJob.DeepCopy(),
		pods: map[types.UID][]corev1.Pod{}}
	todo := decide(seen, settings())
	var failure error
	switch {
	case todo.action != keep && w.refuses:
		failure = errors.New("a policy refuses it")
	case todo.action == create:
		w.cronJob = todo.cronJob.DeepCopy()
		w.cronJob.CreationTimestamp = metav1.NewTime(w.now.Truncate(time.Second))
		todo.made = w.cronJob.CreationTimestamp.Time
	case todo.action != keep:
		w.cronJob.Spec, w.cronJob.Annotations = *todo.cronJob.Spec.DeepCopy(), todo.cronJob.Annotations
	}
	status, again := nextStatus(seen, todo, failure)
	w.schedule.Status, w.wake = status, time.Time{}
	if failure != nil {
		again = time.Minute
	}
	if again > 0 {
		w.wake = w.now.Add(again)
	}
	w.sync()
}

// sync is the CronJob controller.
func (w *world) sync() {
	c := w.cronJob
	if c == nil || w.down || *c.Spec.Suspend {
		return
	}
	earliest := latest(c.CreationTimestamp.Time, timeOf(c.Status.LastScheduleTime))
	if c.Spec.StartingDeadlineSeconds != nil {
		earliest = latest(earliest, w.now.Add(-time.Duration(*c.Spec.StartingDeadlineSeconds)*time.Second))
	}
	parsed, slot := w.parsed(), time.Time{}
	for next := parsed.Next(earliest); !next.After(w.now); next = parsed.Next(next) {
		slot = next
	}
	if slot.IsZero() {
		return
	}
	w.starts = append(w.starts, start{slot, w.now})
	w.t.Logf("%s: starts %s", short(w.now), short(slot))
	if slot.Before(w.inForce.Truncate(time.Second)) && !w.refuses && slot.After(w.up) {
		w.t.Errorf("at %s the slot %s is started, from before what came into force at %s", short(w.now), short(slot),
			short(w.inForce))
	}
	c.Status.LastScheduleTime = new(metav1.NewTime(slot))
	w.look()
}

// parsed is the CronJob's schedule.
func (w *world) parsed() cron.Schedule {
	text := "TZ=" + *w.cronJob.Spec.TimeZone + " " + w.cronJob.Spec.Schedule
	if w.parsedFrom != text {
		parsed, err := cron.ParseStandard(text)
		if err != nil {
			w.t.Fatal(err)
		}
		w.parsedAs, w.parsedFrom = parsed, text
	}
	return w.parsedAs
}

// pass lets time go by, from one thing that happens to the next.
func (w *world) pass(d time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); {
		next := end
		if !w.wake.IsZero() && w.wake.Before(next) {
			next = w.wake
		}
		if w.cronJob != nil {
			base := latest(w.cronJob.CreationTimestamp.Time, timeOf(w.cronJob.Status.LastScheduleTime))
			for base = w.parsed().Next(base); !base.After(w.now); base = w.parsed().Next(base) {
			}
			if base.Before(next) {
				next = base
			}
		}
		w.now = next
		if !w.wake.IsZero() && !w.now.Before(w.wake) {
			w.look()
		}
		w.sync()
	}
}

func short(at time.Time) string { return at.UTC().Format("15:04:05") }

// started checks which slots were started since the last call.
func (w *world) started(want ...string) {
	w.t.Helper()
	var got []string
	for _, s := range w.starts {
		got = append(got, short(s.slot))
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("started %q, want %q", got, want)
	}
	w.starts = nil
}

func hourly(ms *v1alpha1.MaintenanceSchedule) {
	ms.Spec.Schedule, ms.Spec.Interval = "30 * * * *", nil
}

func period(d time.Duration) func(*v1alpha1.MaintenanceSchedule) {
	return func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Spec.Schedule, ms.Spec.Interval = "", &metav1.Duration{Duration: d}
	}
}

func delayed(d time.Duration) func(*v1alpha1.MaintenanceSchedule) {
	return func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.InitialDelay = &metav1.Duration{Duration: d} }
}

func suspended(yes bool) func(*v1alpha1.MaintenanceSchedule) {
	return func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Suspend = yes }
}

func both(edits ...func(*v1alpha1.MaintenanceSchedule)) func(*v1alpha1.MaintenanceSchedule) {
	return func(ms *v1alpha1.MaintenanceSchedule) {
		for _, edit := range edits {
			edit(ms)
		}
	}
}

// Editing starts nothing; the next time does. The worlds begin at 12:00:00. Must fail with the code before: each of the
// delays, the resume within ten seconds, what admission allowed again, and a missedRuns that was Skip.
func TestEditingStartsNothing(t *testing.T) {
	never := func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = "0 0 31 2 *" }
	noDelay := func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.InitialDelay = nil }
	missed := func(how v1alpha1.MissedRuns) func(*v1alpha1.MaintenanceSchedule) {
		return func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.MissedRuns = how }
	}
	for name, c := range map[string]struct {
		spec func(*v1alpha1.MaintenanceSchedule)
		tell func(*world)
		want []string // started by 14:00
	}{
		"nothing is edited":      {hourly, func(w *world) {}, []string{"12:30:00", "13:30:00"}},
		"a delay ends by itself": {both(hourly, delayed(time.Hour)), func(w *world) {}, []string{"13:30:00"}},
		"a delay is removed": {both(hourly, delayed(100*time.Hour)),
			func(w *world) { w.pass(45 * time.Minute); w.edit(noDelay) }, []string{"13:30:00"}},
		"a delay is shortened": {both(hourly, delayed(100*time.Hour)),
			func(w *world) { w.pass(45 * time.Minute); w.edit(delayed(time.Minute)) }, []string{"13:30:00"}},
		"a delay is removed, every": {both(period(25*time.Minute), delayed(100*time.Hour)),
			func(w *world) { w.pass(40 * time.Minute); w.edit(noDelay) }, []string{"12:50:00", "13:15:00", "13:40:00"}},
		"a delay ends, every": {both(period(25*time.Minute), delayed(40*time.Minute)), func(w *world) {},
			[]string{"12:50:00", "13:15:00", "13:40:00"}},
		"resumed 3 s after a slot": {both(hourly, suspended(true)),
			func(w *world) { w.pass(30*time.Minute + 3*time.Second); w.edit(suspended(false)) }, []string{"13:30:00"}},
		"resumed 11 s after a slot": {both(hourly, suspended(true)),
			func(w *world) { w.pass(30*time.Minute + 11*time.Second); w.edit(suspended(false)) }, []string{"13:30:00"}},
		"resumed 20 s after a slot": {both(hourly, suspended(true)),
			func(w *world) { w.pass(30*time.Minute + 20*time.Second); w.edit(suspended(false)) }, []string{"13:30:00"}},
		"resumed 2 s before a slot": {both(hourly, suspended(true)),
			func(w *world) { w.pass(30*time.Minute - 2*time.Second); w.edit(suspended(false)) },
			[]string{"12:30:00", "13:30:00"}},
		"suspended and resumed after a slot that nobody started": {hourly, func(w *world) {
			w.run(false)
			w.pass(45 * time.Minute)
			w.edit(suspended(true))
			w.edit(suspended(false))
			w.run(true)
		}, []string{"13:30:00"}},
		"a missed slot is no longer to be skipped": {both(hourly, missed(v1alpha1.MissedRunsSkip)), func(w *world) {
			w.run(false)
			w.pass(35 * time.Minute)
			w.run(true)
			w.pass(5 * time.Minute)
			w.edit(missed(v1alpha1.MissedRunsRunOnce))
		}, []string{"13:30:00"}},
		"a missed slot is made up for where nothing is edited": {hourly, func(w *world) {
			w.run(false)
			w.pass(35 * time.Minute)
			w.run(true)
		}, []string{"12:30:00", "13:30:00"}},
		"a delay ends, and admission refuses that until later": {both(hourly, delayed(20*time.Minute)), func(w *world) {
			w.admit(false)
			w.pass(45 * time.Minute)
			w.admit(true)
		}, []string{"13:30:00"}},
		"a delay is shortened, and admission refuses that until later": {both(hourly, delayed(100*time.Hour)),
			func(w *world) {
				w.admit(false)
				w.pass(10 * time.Minute)
				w.edit(delayed(5 * time.Minute))
				w.pass(35 * time.Minute)
				w.admit(true)
			}, []string{"13:30:00"}},
		"a resume that admission refuses until later": {both(hourly, suspended(true)), func(w *world) {
			w.pass(10 * time.Minute)
			w.admit(false)
			w.edit(suspended(false))
			w.pass(35 * time.Minute)
			w.admit(true)
		}, []string{"13:30:00"}},
		"another time that has just passed": {both(hourly,
			func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule = "50 * * * *" }), func(w *world) {
			w.pass(30*time.Minute + 5*time.Second)
			w.edit(hourly)
		}, []string{"13:30:00"}},
		"stalled, and mended after a slot": {hourly, func(w *world) {
			w.pass(10 * time.Minute)
			w.edit(never)
			w.pass(35 * time.Minute)
			w.edit(hourly)
		}, []string{"13:30:00"}},
		"a shorter period": {period(100 * time.Minute),
			func(w *world) { w.pass(45 * time.Minute); w.edit(period(25 * time.Minute)) }, []string{"12:50:00", "13:15:00",
				"13:40:00"}},
		"cron becomes a period": {hourly, func(w *world) { w.pass(59 * time.Minute); w.edit(period(25 * time.Minute)) },
			[]string{"12:30:00", "13:20:00", "13:45:00"}},
		"a period becomes cron": {period(25 * time.Minute), func(w *world) { w.pass(45 * time.Minute); w.edit(hourly) },
			[]string{"12:25:00", "13:30:00"}},
		"somebody held the CronJob": {hourly,
			func(w *world) { *w.cronJob.Spec.Suspend = true; w.pass(45 * time.Minute); w.look() }, []string{"13:30:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, noon, c.spec)
			c.tell(w)
			w.pass(noon.Add(2 * time.Hour).Sub(w.now))
			w.started(c.want...)
		})
	}
}

// The same for edits at random, any of which can be repeated from its number.
func TestNoEditStartsAnything(t *testing.T) {
	specs := []func(*v1alpha1.MaintenanceSchedule){
		hourly, period(25 * time.Minute), period(7 * time.Minute), period(10 * time.Minute), delayed(15 * time.Minute),
		delayed(100 * time.Hour), delayed(0),
		suspended(true), suspended(false),
		func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule, ms.Spec.Interval = "*/20 * * * *", nil },
		func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.Schedule, ms.Spec.Interval = "0 0 31 2 *", nil },
		func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.TimeZone = "Asia/Kathmandu" },
		func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.MissedRuns = v1alpha1.MissedRunsSkip },
		func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.MissedRuns = v1alpha1.MissedRunsRunOnce },
		func(ms *v1alpha1.MaintenanceSchedule) {
			ms.Spec.SuspendAfterFailures, ms.Status.ConsecutiveFailures = new(int32(2)), 2
		},
		func(ms *v1alpha1.MaintenanceSchedule) { ms.Spec.SuspendAfterFailures = nil },
	}
	starts := 0
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			w := newWorld(t, noon, both(hourly, specs[random.IntN(len(specs))]))
			for range 8 {
				w.pass(time.Duration(random.IntN(1500)) * time.Second)
				switch random.IntN(6) {
				case 0:
					w.run(w.down)
				case 1:
					w.admit(w.refuses)
				default:
					w.edit(specs[random.IntN(len(specs))])
				}
			}
			w.admit(true)
			w.run(true)
			w.edit(both(suspended(false), delayed(0), func(ms *v1alpha1.MaintenanceSchedule) {
				ms.Spec.Schedule, ms.Spec.Interval, ms.Spec.SuspendAfterFailures = "*/20 * * * *", nil, nil
			}))
			w.starts = nil
			w.pass(time.Hour)
			starts += len(w.starts)
			if len(w.starts) != 3 {
				t.Errorf("%d starts in the hour after: %v", len(w.starts), w.starts)
			}
		})
	}
	t.Logf("%d starts", starts)
}

// Every time either has its run or is counted, of a period too. Must fail when periods were not counted: five were
// missing.
func TestEveryTimeHasItsRunOrIsCounted(t *testing.T) {
	for name, spec := range map[string]func(*v1alpha1.MaintenanceSchedule){"a period": period(25 * time.Minute),
		"cron": hourly} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, noon, spec)
			w.pass(35 * time.Minute)
			w.run(false)
			w.pass(2*time.Hour + 10*time.Minute)
			w.run(true)
			w.pass(2 * time.Hour)
			due, first := 0, w.parsed().Next(noon)
			for at := first; !at.After(w.now); at = w.parsed().Next(at) {
				due++
			}
			if missed := w.schedule.Status.MissedRuns[v1alpha1.MissedNoJob]; len(w.starts)+int(missed) != due || missed == 0 {
				t.Errorf("%d were due, %d were started, and %d are counted", due, len(w.starts), missed)
			}
		})
	}
}
