package controller

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

const (
	// podlessLimit is how long a Job may be without any pod before something seems to forbid it.
	podlessLimit = 20 * time.Second
	// mountLimit is how long a pod that has a node may take until its containers start; afterwards its Events are read.
	mountLimit = time.Minute
)

// obstacle is why a pod cannot start, or does not go on.
type obstacle struct{ reason, message string }

// startObstacle is what keeps a run that is under way from starting, or nil. The time is when to look again, if any.
func (o observation) startObstacle() (*obstacle, time.Time) {
	var again time.Time
	for i := range o.jobs {
		job := &o.jobs[i]
		if endOf(job) != nil {
			continue
		}
		found, limit := o.obstacleOfJob(job)
		if found != nil {
			return found, limit
		}
		if again.IsZero() || !limit.IsZero() && limit.Before(again) {
			again = limit
		}
	}
	return nil, again
}

// obstacleOfJob is what keeps one run, or when to look at it again.
func (o observation) obstacleOfJob(job *batchv1.Job) (*obstacle, time.Time) {
	var again time.Time
	for i := range o.pods[job.UID] {
		pod := &o.pods[job.UID][i]
		found := obstacleOf(pod)
		if found == nil {
			found = lostNode(pod, o.now)
		}
		if found != nil {
			found.message = fmt.Sprintf("the run %s %s: %s", job.Name, verb(pod), found.message)
			if found.reason == v1alpha1.ReasonUnschedulable && o.holders.exclusive != "" {
				found.message += "; " + o.holders.exclusive
			}
			return found, time.Time{}
		}
		if isWaiting(pod) {
			found, limit := o.unmounted(job, pod)
			if found != nil {
				return found, o.now.Add(mountLimit) // whose Events may say something else then
			}
			again = limit
		}
	}
	if found, limit := o.podless(job); found != nil || !limit.IsZero() {
		return found, limit
	}
	return nil, again
}

func verb(pod *corev1.Pod) string {
	if pod.Status.Phase == corev1.PodRunning {
		return "does not go on"
	}
	return "cannot start"
}

// podless judges a Job that never had a pod: only its own Events say why.
func (o observation) podless(job *batchv1.Job) (*obstacle, time.Time) {
	if len(o.pods[job.UID]) > 0 || job.Status.Active > 0 || job.Status.Failed > 0 || job.Status.Succeeded > 0 {
		return nil, time.Time{}
	}
	if job.Spec.Suspend != nil && *job.Spec.Suspend {
		return &obstacle{v1alpha1.ReasonHeld, fmt.Sprintf("the run %s waits: its Job is suspended, "+
			"as a queue such as Kueue does until there is room, or a person", job.Name)}, time.Time{}
	}
	if limit := job.CreationTimestamp.Add(podlessLimit); limit.After(o.now) {
		return nil, limit
	}
	why := "the limit of concurrent runs, another quota, a LimitRange, " +
		"Pod Security or a missing service account forbids it"
	if said := o.warnings[job.UID]; said.note != "" {
		why = said.note
	}
	return &obstacle{v1alpha1.ReasonPodsForbidden, fmt.Sprintf("the run %s has no pod: %s; "+
		"see `kubectl describe job %s`", job.Name, why, job.Name)}, time.Time{}
}

// unmounted judges a pod that has had a node for a while and whose containers are not made yet: only its Events say
// why.
func (o observation) unmounted(job *batchv1.Job, pod *corev1.Pod) (*obstacle, time.Time) {
	if limit := scheduledAt(pod).Add(mountLimit); limit.After(o.now) {
		return nil, limit
	}
	said := o.warnings[pod.UID]
	reason, why := v1alpha1.ReasonCannotStart, "nothing says why"
	switch said.reason {
	case "FailedMount", "FailedAttachVolume", "FailedMapVolume":
		reason, why = v1alpha1.ReasonNotMounted, "a volume cannot be mounted: "+said.note
	case "":
	default:
		why = said.reason + ": " + said.note
	}
	return &obstacle{reason, fmt.Sprintf("the run %s cannot start: "+
		"its pod has waited on the node %s for its volumes and its network for more than a minute; %s; "+
		"see `kubectl describe pod %s`",
		job.Name, pod.Spec.NodeName, why, pod.Name)}, time.Time{}
}
