package kubectlmaint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// CronJobs are those of all schedules of the namespace.
func (c *Cluster) CronJobs(ctx context.Context) ([]batchv1.CronJob, error) {
	ours := labels.Set{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy}
	found, err := c.kube.BatchV1().CronJobs(c.Namespace).List(ctx, metav1.ListOptions{LabelSelector: ours.String()})
	if err != nil {
		return nil, explain("list the CronJobs", err)
	}
	return found.Items, nil
}

// ErrCheckTimeout is the cause of a check that took too long without anybody knowing why.
var ErrCheckTimeout = errors.New("the check took longer than --timeout")

// BlockedError is about a pod that does not start.
type BlockedError struct{ Word string }

func (e *BlockedError) Error() string { return e.Word }

// removal is how long the removal of a Job may take.
const removal = 10 * time.Second

// Check makes the Job, copies what it prints, and removes it, also where ctx ends first. It returns the exit code of
// the Job's container, and tells each new word about the Job once.
func (c *Cluster) Check(ctx context.Context, out io.Writer, job *batchv1.Job,
	tell func(word string)) (code int, err error) {
	made, err := c.kube.BatchV1().Jobs(c.Namespace).Create(ctx, job, metav1.CreateOptions{FieldManager: FieldManager})
	if err != nil {
		return 0, explain("make the Job of the check", err)
	}
	defer func() { err = errors.Join(err, c.remove(ctx, made.Name)) }()
	pod, code, err := c.awaitEnd(ctx, made.Name, tell)
	if err != nil {
		return 0, err
	}
	return code, c.copyLogs(ctx, out, pod, false)
}

// remove deletes a Job of the check, and its pod.
func (c *Cluster) remove(ctx context.Context, job string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removal)
	defer cancel()
	err := c.kube.BatchV1().Jobs(c.Namespace).
		Delete(ctx, job, metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)})
	if err == nil || apierrors.IsNotFound(err) {
		return nil
	}
	return explain(fmt.Sprintf("remove the Job %s, which Kubernetes removes %d minutes after its end",
		job, checkTTL/60), err)
}

// awaitEnd waits until the Job's pod has ended. The error is a *BlockedError where the pod does not start.
func (c *Cluster) awaitEnd(ctx context.Context, job string, tell func(string)) (string, int, error) {
	last := podState{word: ""}
	for {
		pod, state, err := c.watchPod(ctx, job, func(state podState) {
			if state.word != last.word {
				tell(state.word)
			}
			last = state
		})
		switch {
		case ctx.Err() != nil:
			return "", 0, c.gaveUp(ctx, job, last)
		case err != nil && !isPassing(err):
			return "", 0, err
		case state.permanent:
			return "", 0, &BlockedError{state.word}
		case state.ended:
			return pod, state.exitCode, nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

// gaveUp says what the pod waited for when ctx ended: an obstacle, or the last warning about the Job or the pod.
func (c *Cluster) gaveUp(ctx context.Context, job string, last podState) error {
	word := last.word
	if !last.blocked {
		word = c.lastWarning(context.WithoutCancel(ctx), job)
	}
	if word == "" || !errors.Is(context.Cause(ctx), ErrCheckTimeout) {
		return context.Cause(ctx)
	}
	return &BlockedError{word}
}

// lastWarning is what the newest warning about a Job or its pods says; empty where there is none, or none may be read.
func (c *Cluster) lastWarning(ctx context.Context, job string) string {
	ctx, cancel := context.WithTimeout(ctx, removal)
	defer cancel()
	found, err := c.kube.CoreV1().Events(c.Namespace).
		List(ctx, metav1.ListOptions{FieldSelector: "type=" + corev1.EventTypeWarning})
	if err != nil {
		return ""
	}
	events := slices.DeleteFunc(found.Items, func(e corev1.Event) bool {
		return !strings.HasPrefix(e.InvolvedObject.Name, job)
	})
	if len(events) == 0 {
		return ""
	}
	newest := slices.MaxFunc(events, func(a, b corev1.Event) int {
		return a.LastTimestamp.Compare(b.LastTimestamp.Time)
	})
	return fmt.Sprintf("the pod cannot start (%s): %s", newest.Reason, newest.Message)
}

// watchPod is one read and one watch from there. It returns when the pod ended or can never start, and when the API
// server ends the watch.
func (c *Cluster) watchPod(ctx context.Context, job string, see func(podState)) (string, podState, error) {
	pods := c.kube.CoreV1().Pods(c.Namespace)
	options := metav1.ListOptions{LabelSelector: labels.Set{labelJob: job}.String()}
	found, err := pods.List(ctx, options)
	if err != nil {
		return "", podState{}, explain("list the pods of "+job, err)
	}
	see(podState{word: "the check waits for its pod"})
	for i := range found.Items {
		if state := stateOf(&found.Items[i]); state.ended || state.permanent {
			return found.Items[i].Name, state, nil
		}
	}
	options.ResourceVersion = found.ResourceVersion
	changes, err := pods.Watch(ctx, options)
	if err != nil {
		return "", podState{}, explain("watch the pods of "+job, err)
	}
	defer changes.Stop()
	for change := range changes.ResultChan() {
		pod, ok := change.Object.(*corev1.Pod)
		if !ok {
			break
		}
		state := stateOf(pod)
		if see(state); state.ended || state.permanent {
			return pod.Name, state, nil
		}
	}
	return "", podState{}, nil
}
