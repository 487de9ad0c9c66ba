package kubectlmaint

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/watch"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// labelJob is Kubernetes' label with the name of a pod's Job, which is the run's.
const labelJob = "batch.kubernetes.io/job-name"

// Logs copies what the pod of a run printed, or of the newest run where run is empty. Follow goes on until the run
// ends.
func (c *Cluster) Logs(ctx context.Context, out io.Writer, name, run string, follow bool) error {
	ms, err := c.Schedule(ctx, name)
	if err != nil {
		return err
	}
	pod, err := c.newestPod(ctx, ms, run)
	if err != nil {
		return err
	}
	if follow {
		if err := c.waitForStart(ctx, pod); err != nil {
			return err
		}
	}
	return c.copyLogs(ctx, out, pod.Name, follow)
}

func (c *Cluster) copyLogs(ctx context.Context, out io.Writer, pod string, follow bool) error {
	options := &corev1.PodLogOptions{Container: cronjob.ContainerName, Follow: follow}
	stream, err := c.kube.CoreV1().Pods(c.Namespace).GetLogs(pod, options).Stream(ctx)
	if err != nil {
		return explain("read the logs of the pod "+pod, err)
	}
	defer stream.Close()
	if _, err := io.Copy(out, stream); err != nil {
		return fmt.Errorf("read the logs of the pod %s: %w", pod, err)
	}
	return nil
}

// newestPod is the last attempt's pod.
func (c *Cluster) newestPod(ctx context.Context, ms *v1alpha1.MaintenanceSchedule, run string) (*corev1.Pod, error) {
	name := ms.Name
	wanted := labels.Set{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelSchedule: name}
	if run != "" {
		wanted[labelJob] = run
	}
	pods, err := c.kube.CoreV1().Pods(c.Namespace).List(ctx, metav1.ListOptions{LabelSelector: wanted.String()})
	if err != nil {
		return nil, explain("list the pods of "+name, err)
	}
	pods.Items = slices.DeleteFunc(pods.Items, func(pod corev1.Pod) bool { return cronjob.Helps(&pod) })
	if len(pods.Items) == 0 && run == "" {
		return nil, fmt.Errorf("%s has no pod: it has not run yet, or its pods were cleared away; "+
			"kubectl maint history %s has the results", name, name)
	}
	if len(pods.Items) == 0 {
		return nil, fmt.Errorf("the run %s of %s has no pod: it was cleared away, or the name is another; "+
			"kubectl maint history %s has the runs and their results%s", run, name, name, UnknownRun(ms, run))
	}
	return newest(pods.Items), nil
}

func newest(pods []corev1.Pod) *corev1.Pod {
	last := slices.MaxFunc(pods, func(a, b corev1.Pod) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return &last
}

// waitForStart returns when the pod's container has begun, or will not.
func (c *Cluster) waitForStart(ctx context.Context, pod *corev1.Pod) error {
	pods, name := c.kube.CoreV1().Pods(c.Namespace), pod.Name
	for !hasLogs(pod) {
		changes, err := pods.Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + name,
			ResourceVersion: pod.ResourceVersion})
		if err != nil {
			return explain("watch the pod "+name, err)
		}
		awaitStart(changes)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if pod, err = pods.Get(ctx, name, metav1.GetOptions{}); err != nil {
			return explain("read the pod "+name, err)
		}
	}
	return nil
}

// awaitStart returns when the container has begun, and when the API server ends the watch.
func awaitStart(changes watch.Interface) {
	defer changes.Stop()
	for change := range changes.ResultChan() {
		pod, ok := change.Object.(*corev1.Pod)
		if !ok || change.Type == watch.Deleted || hasLogs(pod) {
			return
		}
	}
}

// hasLogs tells whether the container has begun.
func hasLogs(pod *corev1.Pod) bool {
	for _, c := range pod.Status.ContainerStatuses {
		if c.Name == cronjob.ContainerName {
			return c.State.Running != nil || c.State.Terminated != nil
		}
	}
	return pod.DeletionTimestamp != nil
}
