package bench_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// aPod names the variable that makes a process of this test binary one of those that share a run: the server, the task,
// the run, how many there are, and which one this is.
const aPod = "BENCH_POD"

// BenchmarkPod measures nothing: it is one of the processes of BenchmarkPods, and says how long its run took.
func BenchmarkPod(b *testing.B) {
	o := jobspec.Defaults()
	o.Database, o.Throttle = replayed, jobspec.ThrottleOff
	if n, _ := fmt.Sscan(os.Getenv(aPod), &o.MongoDBURI, &o.Task, &o.RunID, &o.Parallelism, &o.Index); n != 5 {
		return
	}
	result := runner.Run(b.Context(), o, runner.World{
		Tasks: all.Tasks(), Now: time.Now, Host: fmt.Sprint("pod-", o.Index),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if result.Outcome != report.Succeeded {
		b.Fatal(result.Outcome, result.Reason, result.Message)
	}
	fmt.Printf("\ntook %v\n", result.DurationSeconds)
}

// BenchmarkPods compares runs that 2 and 4 processes share with those of one, on servers that give each cursor so many
// documents a second. The server and the processes have the same processors: a fast server shows what these bear, a
// slow one what further cursors are worth.
func BenchmarkPods(b *testing.B) {
	for _, perSecond := range []int{20_000, 200_000} {
		for _, task := range jobspec.SharedTasks() {
			b.Run(fmt.Sprintf("%d per s and cursor/%s", perSecond, task), func(b *testing.B) {
				s := serve(b, fileCount(b), pace{perSecond: perSecond})
				_ = s.pods(b, task, 1) // has the server prepare the documents
				times := map[int][]float64{}
				for b.Loop() {
					for _, n := range []int{1, 2, 4} {
						times[n] = append(times[n], s.pods(b, task, n))
					}
				}
				b.ReportMetric(0, "ns/op")
				for n, seconds := range times {
					b.ReportMetric(median(seconds), fmt.Sprint("s-with-", n))
				}
			})
		}
	}
}

// pods is how many seconds a run of so many processes takes, which is how long the leader's takes.
func (s *shelf) pods(b *testing.B, task string, n int) (seconds float64) {
	b.Helper()
	run := fmt.Sprintf("run-%d-%d", n, time.Now().UnixNano())
	outputs, errs := make([][]byte, n), make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkPod$", "-test.benchtime=1x")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %d %d", aPod, s.URI, task, run, n, i))
			outputs[i], errs[i] = cmd.CombinedOutput()
		})
	}
	group.Wait()
	for i, err := range errs {
		if err != nil {
			b.Fatalf("process %d: %v\n%s", i, err, outputs[i])
		}
	}
	_, text, _ := strings.Cut(string(outputs[0]), "\ntook ")
	if _, err := fmt.Sscan(text, &seconds); err != nil {
		b.Fatalf("the leader does not say how long it took: %s", outputs[0])
	}
	return seconds
}
