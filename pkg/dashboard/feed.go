package dashboard

import (
	"context"
	"errors"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// feeds are the watches that are under way: one for each visitor and namespace, which all tabs of that visitor share. A
// watch ends with its last tab.
type feeds struct {
	mu  sync.Mutex
	all map[feedKey]*feed
}

type feedKey struct{ visitor, namespace string }

func newFeeds() *feeds { return &feeds{all: map[feedKey]*feed{}} }

// join gives a tab the changes of a namespace, or of all. The tab has to leave.
func (f *feeds) join(v *visit, namespace, since string) (*tab, func(), error) {
	key := feedKey{v.Key, namespace}
	f.mu.Lock()
	defer f.mu.Unlock()
	joined := f.all[key]
	if joined == nil {
		cluster, err := kubectlmaint.Connect(v.config, namespace)
		if err != nil {
			return nil, nil, err
		}
		ctx, stop := context.WithCancel(context.Background())
		joined = &feed{stop: stop, tabs: map[*tab]bool{}, items: map[place]*v1alpha1.MaintenanceSchedule{}}
		f.all[key] = joined
		go func(ended *feed) {
			ended.run(ctx, cluster, kubectlmaint.Selection{AllNamespaces: namespace == ""})
			f.drop(key, ended)
		}(joined)
	}
	t := joined.add(since)
	return t, func() { f.leave(key, joined, t) }, nil
}

func (f *feeds) leave(key feedKey, left *feed, t *tab) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if left.remove(t) == 0 {
		left.stop()
		f.dropLocked(key, left)
	}
}

// drop forgets a watch that has ended: whoever comes next begins another.
func (f *feeds) drop(key feedKey, ended *feed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dropLocked(key, ended)
}

func (f *feeds) dropLocked(key feedKey, ended *feed) {
	if f.all[key] == ended {
		delete(f.all, key)
	}
}

// feed is one watch.
type feed struct {
	stop context.CancelFunc

	mu    sync.Mutex
	tabs  map[*tab]bool
	items map[place]*v1alpha1.MaintenanceSchedule
	ready bool  // items is whole
	lost  error // why the API server is not seen at present; nil: it is
}

// The pauses before an API server that went away is asked again.
const (
	firstPause = time.Second
	mostPause  = 4 * time.Second
)

// run lists and watches until nobody looks any more. Whoever the API server does not know any more is not asked for
// again.
func (f *feed) run(ctx context.Context, cluster *kubectlmaint.Cluster, of kubectlmaint.Selection) {
	pause := firstPause
	for ctx.Err() == nil {
		err := f.follow(ctx, cluster, of)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			pause = firstPause
			continue
		}
		f.lose(err)
		if apierrors.IsUnauthorized(err) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, mostPause)
	}
}

// follow is one list and one watch from there, which the API server ends after some minutes.
func (f *feed) follow(ctx context.Context, cluster *kubectlmaint.Cluster, of kubectlmaint.Selection) error {
	list, err := cluster.List(ctx, of)
	if err != nil {
		return err
	}
	f.replace(list.Items)
	begun := time.Now()
	err = cluster.WatchFrom(ctx, of, list.ResourceVersion, f.see)
	if err == nil && time.Since(begun) < firstPause {
		return errShortWatch
	}
	return err
}

// errShortWatch is a watch that ended at once, as it does when the API server goes away.
var errShortWatch = errors.New("the API server ended the watch at once")

// see takes one change.
func (f *feed) see(ms *v1alpha1.MaintenanceSchedule, deleted bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := place{ms.Namespace, ms.Name}
	if deleted {
		delete(f.items, key)
		ms = nil
	} else {
		f.items[key] = ms
	}
	for t := range f.tabs {
		t.offer(key, ms)
	}
}

// replace takes the whole list.
func (f *feed) replace(items []v1alpha1.MaintenanceSchedule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.items = make(map[place]*v1alpha1.MaintenanceSchedule, len(items))
	for i := range items {
		f.items[place{items[i].Namespace, items[i].Name}] = &items[i]
	}
	f.ready, f.lost = true, nil
	for t := range f.tabs {
		t.offerAll(f.items)
	}
}

func (f *feed) lose(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lost = err
	for t := range f.tabs {
		t.lose(err)
	}
}

func (f *feed) add(since string) *tab {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := newTab(f, since)
	f.tabs[t] = true
	if f.ready {
		t.offerAll(f.items)
	}
	if f.lost != nil {
		t.lose(f.lost)
	}
	return t
}

func (f *feed) remove(t *tab) (left int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.tabs, t)
	return len(f.tabs)
}

// schedules are all that the feed knows of.
func (f *feed) schedules() []v1alpha1.MaintenanceSchedule {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]v1alpha1.MaintenanceSchedule, 0, len(f.items))
	for _, ms := range f.items {
		all = append(all, *ms)
	}
	return all
}
