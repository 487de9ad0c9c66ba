package controller

import (
	"context"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// warning is the newest Warning about a Job or a pod that somebody recorded as an Event.
type warning struct{ reason, note string }

// readWarnings asks for the Events about what has waited for longer than it should, and of nothing else: why a Job has
// no pod, or a volume is not mounted, stands nowhere else. Who may not read them does without.
func (r *Reconciler) readWarnings(ctx context.Context, seen *observation) error {
	for i := range seen.jobs {
		job := &seen.jobs[i]
		if endOf(job) != nil {
			continue
		}
		if found, _ := seen.podless(job); found != nil {
			seen.warnings[job.UID] = r.warningAbout(ctx, job)
		}
		for j := range seen.pods[job.UID] {
			pod := &seen.pods[job.UID][j]
			if isWaiting(pod) && obstacleOf(pod) == nil && !scheduledAt(pod).Add(mountLimit).After(seen.now) {
				seen.warnings[pod.UID] = r.warningAbout(ctx, pod)
			}
		}
	}
	return nil
}

// warningAbout is empty where there is none, or where the Events cannot be read: the rest of the status must not wait
// for them.
func (r *Reconciler) warningAbout(ctx context.Context, object client.Object) (newest warning) {
	var found eventsv1.EventList
	about := client.MatchingFields{"regarding.uid": string(object.GetUID())}
	if err := r.Reader.List(ctx, &found, client.InNamespace(object.GetNamespace()), about); err != nil {
		return warning{}
	}
	var at time.Time
	for i := range found.Items {
		e := &found.Items[i]
		if when := timeOfEvent(e); e.Type == "Warning" && e.Regarding.UID == types.UID(object.GetUID()) && !when.Before(at) {
			at, newest = when, warning{e.Reason, e.Note}
		}
	}
	return newest
}

// timeOfEvent is when an Event was last seen; the older kind has other fields for it.
func timeOfEvent(e *eventsv1.Event) time.Time {
	at := latest(e.CreationTimestamp.Time, e.EventTime.Time, e.DeprecatedLastTimestamp.Time)
	if e.Series != nil {
		at = latest(at, e.Series.LastObservedTime.Time)
	}
	return at
}
