package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// How many schedules there are, and what the bounds of the whole number are. SCHEDULES=10000 is the benchmark.
const (
	fewSchedules = 200
	drainWithin  = 20 * time.Second // of 10,000
	mostMemory   = 150 << 20        // bytes, of 10,000
	mostScraped  = 160 << 20        // while their metrics are read
	scrapers     = 3
	idleFor      = 15 * time.Second
)

// Many schedules: each converges with two writes, its CronJob and its status, Events included; none is written while
// nothing happens; and a controller that is started again writes nothing either. With SCHEDULES=10000 it has looked at
// all within 20 seconds and stays below 150 MiB, and below 160 MiB while three clients read its metrics all the time.
// Writes are counted by the API server. Seen to fail when a new CronJob had an Event, and when the status held the time
// at which it was written.
func TestManySchedulesCostTwoWritesEachAndThenNone(t *testing.T) {
	n := scheduleCount(t)
	r := install(t, "database.secretName=ucorefs-mongodb")
	if n >= 10_000 {
		r.program = built(t)
	}
	createMany(t, r, n)
	before := r.writes()
	began := time.Now()
	replica := r.startReplica()
	replica.leaveAlone(n)
	replica.untilLookedAt(n)
	r.untilAllReady(n)
	t.Logf("%d schedules converged in %s", n, time.Since(began).Round(time.Second))
	if made, kinds := r.since(before); made > 2*n {
		t.Errorf("%d schedules took %d writes: %s", n, made, kinds)
	}
	quiet(t, r, "idle")
	t.Logf("memory at its most: %d MiB", replica.peak()>>20)
	replica.stop()

	began = time.Now()
	again := r.startReplica()
	again.leaveAlone(n)
	peak := again.peak()
	again.untilLookedAt(n)
	took := time.Since(began)
	t.Logf("started again: all looked at after %s; memory at its most %d MiB, and once its metrics were read %d MiB",
		took.Round(100*time.Millisecond), peak>>20, again.peak()>>20)
	long := time.Second // which shows that it answers; for the memory it takes longer
	if n >= 10_000 {
		long = idleFor
	}
	scrapes := again.scrapeFor(t, long)
	scraped := again.peak()
	t.Logf("%d clients read the metrics %d times in %s; memory at its most %d MiB", scrapers, scrapes, long, scraped>>20)
	quiet(t, r, "started again")
	if n >= 10_000 && (took > drainWithin || peak > mostMemory || scraped > mostScraped) {
		t.Errorf("a restarted controller took %s and %d MiB, %d MiB while it was scraped", took, peak>>20, scraped>>20)
	}
}

// built is the controller as it ships: a test binary takes more memory.
func built(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "controller")
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program,
		".").CombinedOutput(); err != nil {
		t.Fatalf("build the controller: %v\n%s", err, out)
	}
	return program
}

// scrapeFor has several clients read the metrics all the time, and returns how often they did.
func (p *process) scrapeFor(t *testing.T, long time.Duration) int {
	t.Helper()
	var times atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(long)
	for range scrapers {
		all.Go(func() {
			for time.Now().Before(end) {
				if err := scrape("http://" + p.metrics + "/metrics"); err != nil {
					t.Errorf("read the metrics: %v", err)
					return
				}
				times.Add(1)
			}
		})
	}
	all.Wait()
	return int(times.Load())
}

func scrape(url string) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

func scheduleCount(t *testing.T) int {
	t.Helper()
	text := os.Getenv("SCHEDULES")
	if text == "" {
		return fewSchedules
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("SCHEDULES: %v", err)
	}
	return n
}

// quiet fails when anything is written in a while, but the Lease.
func quiet(t *testing.T, r *release, when string) {
	t.Helper()
	before := r.writes()
	time.Sleep(idleFor) // nothing happens for a while: that is a time
	if made, kinds := r.since(before); made > 0 {
		t.Errorf("%s: %d writes in %s: %s", when, made, idleFor, kinds)
	}
}

// createMany makes schedules of all kinds that do not fire meanwhile.
func createMany(t *testing.T, r *release, n int) {
	t.Helper()
	config := rest.CopyConfig(r.Admin)
	config.QPS = -1
	fast, err := client.New(config, client.Options{Scheme: clustertest.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	numbers := make(chan int)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range numbers {
				ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: r.namespace,
					Name: fmt.Sprintf("schedule-%05d", i)}, Spec: oneOfMany(i)}
				if err := fast.Create(t.Context(), ms); err != nil {
					t.Errorf("create %s: %v", ms.Name, err)
				}
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	all.Wait()
}

func oneOfMany(i int) v1alpha1.MaintenanceScheduleSpec {
	spec := v1alpha1.MaintenanceScheduleSpec{Task: "verify-references", Schedule: fmt.Sprintf("H H %d %d *", 1+i%28,
		1+(i/28+int(time.Now().Month())+1)%12)}
	switch i % 5 {
	case 1:
		spec.TimeZone = "Europe/Berlin"
	case 2:
		spec.Schedule, spec.Interval = "", &metav1.Duration{Duration: 36 * time.Hour}
	case 3:
		spec.Suspend = true
	case 4:
		spec.InitialDelay = &metav1.Duration{Duration: 24 * time.Hour}
	}
	return spec
}

// writes are the API server's own counts of requests that write schedules, CronJobs, Jobs and Events, by verb,
// resource, subresource and answer. The Events of the Lease are of the core group, and left out.
func (r *release) writes() map[string]int {
	r.t.Helper()
	text, err := r.metrics()
	if err != nil {
		r.t.Fatal(err)
	}
	sums := map[string]int{}
	for _, match := range requestTotal.FindAllStringSubmatch(text, -1) {
		labels := map[string]string{}
		for _, label := range oneLabel.FindAllStringSubmatch(match[1], -1) {
			labels[label[1]] = label[2]
		}
		if !slices.Contains([]string{"maintenanceschedules", "cronjobs", "jobs", "events"}, labels["resource"]) ||
			labels["group"] == "" ||
			!slices.Contains([]string{"POST", "PUT", "PATCH", "APPLY", "DELETE"}, labels["verb"]) {
			continue
		}
		value, err := strconv.ParseFloat(match[2], 64)
		if err != nil {
			r.t.Fatal(err)
		}
		sums[strings.TrimSpace(labels["verb"]+" "+labels["resource"]+" "+labels["subresource"])+" "+
			labels["code"]] += int(value)
	}
	return sums
}

// since is what was written after before, in all and by kind.
func (r *release) since(before map[string]int) (sum int, kinds string) {
	var all []string
	for kind, count := range r.writes() {
		if made := count - before[kind]; made > 0 {
			sum += made
			all = append(all, fmt.Sprintf("%d %s", made, kind))
		}
	}
	slices.Sort(all)
	return sum, strings.Join(all, ", ")
}

var (
	requestTotal = regexp.MustCompile(`(?m)^apiserver_request_total\{(.*)\} ([0-9.e+]+)$`)
	oneLabel     = regexp.MustCompile(`([a-z_]+)="([^"]*)"`)
)

func (r *release) metrics() (string, error) {
	direct, err := discovery.NewDiscoveryClientForConfig(r.Admin)
	if err != nil {
		return "", err
	}
	text, err := direct.RESTClient().Get().AbsPath("/metrics").DoRaw(r.t.Context())
	return string(text), err
}

var (
	reconciled = regexp.MustCompile(`(?m)^controller_runtime_reconcile_total\{.*\} ([0-9.e+]+)$`)
	queued     = regexp.MustCompile(`(?m)^workqueue_depth\{.*\} ([0-9.e+]+)$`)
)

// leaveAlone lets the controller work for a while without being asked: to write the metrics of many schedules takes
// time and memory.
func (p *process) leaveAlone(n int) { time.Sleep(time.Duration(n) * 1500 * time.Microsecond) }

// untilLookedAt waits until the controller has reconciled as often as there are schedules, and its queue is empty.
func (p *process) untilLookedAt(n int) {
	p.t.Helper()
	until(p.t, "the controller has looked at all", func() (bool, string) {
		text := p.get(p.metrics, "/metrics")
		done, waiting := sumOf(reconciled, text), sumOf(queued, text)
		return text != "" && done >= n && waiting == 0, fmt.Sprintf("%d looks, %d wait", done, waiting)
	})
}

func sumOf(lines *regexp.Regexp, text string) (sum int) {
	for _, match := range lines.FindAllStringSubmatch(text, -1) {
		value, _ := strconv.ParseFloat(match[1], 64) // it matched
		sum += int(value)
	}
	return sum
}

// peak is the most memory that the process has had, in bytes.
func (p *process) peak() int {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	match := regexp.MustCompile(`VmHWM:\s+([0-9]+) kB`).FindSubmatch(text)
	if match == nil {
		p.t.Fatalf("no VmHWM in %s", text)
	}
	kilobytes, err := strconv.Atoi(string(match[1]))
	if err != nil {
		p.t.Fatal(err)
	}
	return kilobytes << 10
}

// untilAllReady waits until every schedule's status is written.
func (r *release) untilAllReady(n int) {
	r.t.Helper()
	until(r.t, "all schedules are seen", func() (bool, string) {
		var all v1alpha1.MaintenanceScheduleList
		if err := r.Client.List(r.t.Context(), &all, client.InNamespace(r.namespace)); err != nil {
			return false, err.Error()
		}
		seen := 0
		for _, ms := range all.Items {
			if ms.Status.ObservedGeneration == ms.Generation {
				seen++
			}
		}
		return seen == n, fmt.Sprintf("%d of %d", seen, n)
	})
}

// until waits as long as the whole number may take on a slow machine.
func until(t *testing.T, what string, holds func() (bool, string)) {
	t.Helper()
	var last string
	for end := time.Now().Add(15 * time.Minute); time.Now().Before(end); time.Sleep(time.Second) {
		ok, now := holds()
		if last = now; ok {
			return
		}
	}
	t.Fatalf("%s: %s", what, last)
}
