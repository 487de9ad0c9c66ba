package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/progress"
)

const (
	// liveEvery is the least time between two looks at a run's progress, and so between two writes of it.
	liveEvery = 10 * time.Second
	// liveTimeout is how long a pod may take to answer, where Live does not say.
	liveTimeout = time.Second
	// deafFor is how long a pod that did not answer, or not with its progress, is left alone: a network policy may
	// stand between.
	deafFor = time.Minute
	// startingFor is how long after its start a pod without a step to show is asked again every second: otherwise a
	// short run would be over before it is asked a second time.
	startingFor = time.Minute
)

// Live asks the pods of runs how far they are. The zero value asks nobody.
type Live struct {
	Port    int32         // on which the jobs serve their progress; 0: they do not
	Timeout time.Duration // how long a pod may take to answer; 0: a second

	mu   sync.Mutex
	deaf map[types.UID]time.Time // pods that did not answer, and until when they are left alone
}

// ask returns the progress of a pod; nil where it tells none. Starting: it has none yet, and may have some in a moment.
func (l *Live) ask(ctx context.Context, pod *corev1.Pod, now time.Time) (live *progress.Live, starting bool) {
	if l == nil || l.Port == 0 || pod.Status.Phase != corev1.PodRunning || pod.Status.PodIP == "" ||
		l.isDeaf(pod.UID, now) {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(l.Timeout, liveTimeout))
	defer cancel()
	address := net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(int(l.Port)))
	answer, err := get(ctx, "http://"+address+progress.Path)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), err == nil && answer.Step == 0: // it does not listen, or has begun no step
		return nil, isStarting(pod, now)
	case err != nil:
		l.setDeaf(pod.UID, now.Add(deafFor))
		return nil, false
	}
	return &answer, false
}

// isStarting tells whether a container of the pod started less than startingFor ago. The node's clock may be ahead of
// ours.
func isStarting(pod *corev1.Pod, now time.Time) bool {
	return slices.ContainsFunc(pod.Status.ContainerStatuses, func(c corev1.ContainerStatus) bool {
		return c.State.Running != nil && now.Sub(c.State.Running.StartedAt.Time).Abs() < startingFor
	})
}

func (l *Live) isDeaf(pod types.UID, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return now.Before(l.deaf[pod])
}

func (l *Live) setDeaf(pod types.UID, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deaf == nil {
		l.deaf = map[types.UID]time.Time{}
	}
	for other, end := range l.deaf { // those that are over, so that the map stays small
		if end.Add(deafFor).Before(until) {
			delete(l.deaf, other)
		}
	}
	l.deaf[pod] = until
}

// direct follows no redirection and no proxy: the pod itself answers, or nobody.
var direct = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func get(ctx context.Context, url string) (progress.Live, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return progress.Live{}, err
	}
	answer, err := direct.Do(request)
	if err != nil {
		return progress.Live{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, progress.MaxLive+1))
	if err != nil {
		return progress.Live{}, err
	}
	if answer.StatusCode != http.StatusOK {
		return progress.Live{}, fmt.Errorf("the pod answers %s", answer.Status)
	}
	return progress.ParseLive(text)
}

// readProgress asks the runs under way how far they are, each at most every liveEvery. It asks nobody while the cache
// does not show the last status yet.
func (r *Reconciler) readProgress(ctx context.Context, seen *observation) error {
	if r.isReplaced(seen.schedule) {
		return nil
	}
	for i := range seen.jobs {
		job := &seen.jobs[i]
		stored := storedProgress(seen.schedule, job.Name)
		const truncated = time.Second // what the stored time may be too early
		if endOf(job) != nil || stored != nil && seen.now.Sub(stored.Time.Time) < liveEvery+truncated {
			continue
		}
		for _, pod := range seen.pods[job.UID] {
			live, starting := r.Live.ask(ctx, &pod, seen.now)
			seen.starting = seen.starting || starting
			if live != nil {
				seen.progress[job.Name] = runProgress(*live, seen.attempts(job)+1,
					metav1.NewTime(seen.now.UTC().Truncate(time.Second)))
			}
		}
	}
	return nil
}

func storedProgress(ms *v1alpha1.MaintenanceSchedule, run string) *v1alpha1.RunProgress {
	for _, active := range ms.Status.Active {
		if active.Run == run {
			return active.Progress
		}
	}
	return nil
}

func runProgress(live progress.Live, attempt int32, at metav1.Time) *v1alpha1.RunProgress {
	p := &v1alpha1.RunProgress{Time: at, Attempt: attempt, Step: int32(min(live.Step, math.MaxInt32)),
		Name: sentenceOf(live.Name), Done: live.Done, PerSecond: live.Rate,
		Throttle: cronjob.ParseThrottle(live.Throttle), MaxPerSecond: live.Limit, SlowedBy: live.Why()}
	if percent := live.Percent(); percent >= 0 {
		p.Percent, p.Total = new(int32(percent)), live.Total
	}
	if live.Left >= 0 {
		p.TimeLeft = (time.Duration(live.Left) * time.Second).String()
	}
	return p
}

// progressOf is how far a run is, as far as anybody knows; it never goes back.
func (o observation) progressOf(run string) *v1alpha1.RunProgress {
	stored, seen := storedProgress(o.schedule, run), o.progress[run]
	if seen == nil || stored != nil && isBefore(seen, stored) {
		return stored
	}
	return seen
}

func isBefore(a, b *v1alpha1.RunProgress) bool {
	if a.Attempt != b.Attempt {
		return a.Attempt < b.Attempt
	}
	return a.Step < b.Step || a.Step == b.Step && a.Done < b.Done
}

// sentence is the progress in a line, such as "step 1, reading files: 41%, about 9s left".
func sentence(p *v1alpha1.RunProgress) string {
	text := fmt.Sprintf("step %d, %s", p.Step, p.Name)
	switch {
	case p.Percent != nil:
		text += fmt.Sprintf(": %d%%", *p.Percent)
	case p.Done > 0:
		text += fmt.Sprintf(": %d done", p.Done)
	}
	if p.TimeLeft != "" {
		text += ", about " + p.TimeLeft + " left"
	}
	if p.SlowedBy != "" {
		text += fmt.Sprintf(", slowed to %d a second: %s", p.MaxPerSecond, p.SlowedBy)
	}
	return text
}
