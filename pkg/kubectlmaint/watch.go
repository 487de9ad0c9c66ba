package kubectlmaint

import (
	"context"
	"io"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// Watch tells of every schedule of the selection that changes after the list was read, until ctx ends, which is no
// error. After the API server ended a watch it tells of all of them again.
func (c *Cluster) Watch(ctx context.Context, of Selection, list *v1alpha1.MaintenanceScheduleList,
	see func(ms *v1alpha1.MaintenanceSchedule, deleted bool)) error {
	for {
		err := c.WatchFrom(ctx, of, list.ResourceVersion, see)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !isPassing(err) {
			return explain("watch the schedules", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(again):
		}
		fresh, err := c.List(ctx, of)
		if err != nil {
			continue // the watch says what is wrong, if it stays so
		}
		list = fresh
		for i := range list.Items {
			see(&list.Items[i], false)
		}
	}
}

// WatchFrom tells of every change since a version, until the API server ends the watch or cannot be reached. It returns
// nil where the list has to be read again.
func (c *Cluster) WatchFrom(ctx context.Context, of Selection, version string,
	see func(*v1alpha1.MaintenanceSchedule, bool)) error {
	namespace := of.namespace(c.Namespace)
	changes, err := c.schedules.Get().Resource(plural).NamespaceIfScoped(namespace, namespace != "").
		VersionedParams(&metav1.ListOptions{Watch: true, ResourceVersion: version, LabelSelector: of.Labels}, c.codec).
		Watch(ctx)
	if err != nil {
		return err
	}
	defer changes.Stop()
	for change := range changes.ResultChan() {
		ms, ok := change.Object.(*v1alpha1.MaintenanceSchedule)
		if !ok {
			return nil // the version is too old to watch from
		}
		see(ms, change.Type == watch.Deleted)
	}
	return nil
}

// Live is a list that is printed on as schedules change, in the columns of its beginning.
type Live struct {
	listing Listing
	begun   time.Time
	table   table
	widths  []int
	printed map[types.NamespacedName]string // as they were at the beginning's time
}

// NewLive begins with the schedules that WriteList printed.
func NewLive(schedules []v1alpha1.MaintenanceSchedule, l Listing) *Live {
	v := &Live{listing: l, begun: l.Now, table: l.table(schedules), printed: map[types.NamespacedName]string{}}
	v.widths = v.table.widths(l.width())
	for i := range schedules {
		v.printed[nameOf(&schedules[i])] = v.text(&schedules[i], l.Now)
	}
	return v
}

// Write prints a schedule if something of it changed that a list shows, besides how long ago it was.
func (v *Live) Write(out io.Writer, ms *v1alpha1.MaintenanceSchedule, deleted bool, now time.Time) error {
	name := nameOf(ms)
	text := v.text(ms, now)
	if deleted {
		text = name.String() + " was deleted\n"
		delete(v.printed, name)
	} else if same := v.text(ms, v.begun); same == v.printed[name] {
		return nil
	} else {
		v.printed[name] = same
	}
	_, err := io.WriteString(out, text)
	return err
}

func (v *Live) text(ms *v1alpha1.MaintenanceSchedule, now time.Time) string {
	l := v.listing
	l.Now = now
	var text strings.Builder
	v.table.writeRow(&text, l.row(ms), v.widths, l.width())
	return text.String()
}

func nameOf(ms *v1alpha1.MaintenanceSchedule) types.NamespacedName {
	return types.NamespacedName{Namespace: ms.Namespace, Name: ms.Name}
}
