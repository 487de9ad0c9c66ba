package dashboard

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/view"
)

// detail is what the page of one schedule shows.
type detail struct {
	view.Detail
	Address       string
	Change        Verdict // run now, plan, suspend, resume, approve
	Stop, Restore Verdict
	Logs, Look    Verdict // read logs, read Events
	Events        []event
	EventsProblem string
}

// event is a Kubernetes Event about the schedule or its runs.
type event struct {
	At                   *view.Moment
	Warning              bool
	About, Reason, Words string
	Count                int32
}

func (d *dashboard) schedule(v *visit, w http.ResponseWriter, r *http.Request) error {
	p := placeOf(r)
	ms, err := v.read(r.Context(), p)
	if err != nil {
		return err
	}
	events := url.Values{"since": {ms.ResourceVersion}}
	d.render(v, w, http.StatusOK, "schedule", page{Title: p.Name, Body: d.detail(r, v, ms),
		Events: p.Address() + "/events?" + events.Encode(), Notice: noticeOf(r.URL.Query())})
	return nil
}

func (v *visit) read(ctx context.Context, p place) (*v1alpha1.MaintenanceSchedule, error) {
	cluster, err := v.cluster(p.Namespace)
	if err != nil {
		return nil, err
	}
	return cluster.Schedule(ctx, p.Name)
}

// detail gathers what the page needs besides the schedule: what the visitor may do, and its Events.
func (d *dashboard) detail(r *http.Request, v *visit, ms *v1alpha1.MaintenanceSchedule) detail {
	ctx := r.Context()
	out := detail{Detail: view.NewDetail(ms, d.Clock()), Address: place{ms.Namespace, ms.Name}.Address(),
		Change:  d.may(ctx, v, ms.Namespace, changeSchedules.on(ms.Name)),
		Stop:    d.may(ctx, v, ms.Namespace, deleteJobs),
		Restore: d.may(ctx, v, ms.Namespace, readCronJobs.on(ms.Name), createJobs),
		Logs:    d.may(ctx, v, ms.Namespace, listPods, readLogs),
		Look:    d.may(ctx, v, ms.Namespace, listEvents)}
	if out.Look.Allowed {
		var err error
		if out.Events, err = d.readEvents(ctx, v, ms); err != nil {
			out.EventsProblem = view.Text(err.Error())
		}
	}
	return out
}

// mostEvents is how many Events are shown.
const mostEvents = 50

// readEvents are the latest Events about the schedule, latest first.
func (d *dashboard) readEvents(ctx context.Context, v *visit, ms *v1alpha1.MaintenanceSchedule) (events []event,
	err error) {
	about := fields.Set{"involvedObject.kind": v1alpha1.Kind, "involvedObject.name": ms.Name}
	found, err := v.kube.CoreV1().Events(ms.Namespace).List(ctx, metav1.ListOptions{FieldSelector: about.String()})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found.Items, func(a, b corev1.Event) int {
		return cmp.Or(-seenAt(a).Compare(seenAt(b).Time), cmp.Compare(a.Name, b.Name))
	})
	now, zone := d.Clock(), view.ZoneOf(ms)
	for _, e := range found.Items[:min(len(found.Items), mostEvents)] {
		events = append(events, event{At: view.NewMoment(seenAt(e).Time, now, zone),
			Warning: e.Type == corev1.EventTypeWarning,
			Reason:  view.Text(e.Reason), Words: view.Text(e.Message), Count: times(e)})
	}
	return events, nil
}

// seenAt is when an Event was seen last, in whichever of its forms.
func seenAt(e corev1.Event) metav1.Time {
	switch {
	case e.Series != nil:
		return metav1.Time(e.Series.LastObservedTime)
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp
	case !e.EventTime.IsZero():
		return metav1.Time(e.EventTime)
	}
	return e.CreationTimestamp
}

func times(e corev1.Event) int32 {
	if e.Series != nil {
		return e.Series.Count
	}
	return max(e.Count, 1)
}
