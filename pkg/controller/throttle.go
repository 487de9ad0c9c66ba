package controller

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// throttling is what the pods of runs under way are to be told.
type throttling struct {
	throttle v1alpha1.Throttle
	pods     []*corev1.Pod // that were told another one
	problem  string        // why the throttle is not as somebody wants it; empty: it is
}

// decideThrottle compares what pods were told with what the schedule says now.
func decideThrottle(seen observation, resolved *cronjob.Resolved) throttling {
	d := throttling{throttle: resolved.Throttle(), problem: resolved.ThrottleProblem()}
	for i := range seen.jobs {
		job := &seen.jobs[i]
		if endOf(job) != nil {
			continue
		}
		pods := slices.Concat(seen.pods[job.UID], seen.helpers[job.UID])
		for k := range pods {
			if told := cronjob.PodThrottle(&pods[k]); isAtWork(&pods[k]) && told != "" && told != d.throttle {
				d.pods = append(d.pods, &pods[k])
			}
		}
	}
	return d
}

func isAtWork(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && (pod.Status.Phase == corev1.PodPending || pod.Status.Phase == corev1.PodRunning)
}

// applyThrottle writes the throttle into the annotation of each pod, in which the job reads it. Where that is refused,
// the run goes on as it is, and the status says so.
func (r *Reconciler) applyThrottle(ctx context.Context, seen observation, d *throttling) {
	for _, pod := range d.pods {
		after := pod.DeepCopy()
		metav1.SetMetaDataAnnotation(&after.ObjectMeta, v1alpha1.AnnotationThrottle, string(d.throttle))
		err := r.refusals.try("Pod", pod, string(d.throttle), seen.now, func() error {
			return client.IgnoreNotFound(r.Client.Patch(ctx, after, client.MergeFrom(pod)))
		})
		if err != nil {
			d.problem = fmt.Sprintf("the throttle of a run under way cannot be changed: %v", err)
		}
	}
}
