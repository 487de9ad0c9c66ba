package dashboard

import (
	"strconv"
	"sync"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// tab is one page that is open in a browser: what it has not been told of yet. However slow it reads, it holds each
// schedule once.
type tab struct {
	feed  *feed
	since uint64        // the version of the list that the page shows; 0: unknown
	wake  chan struct{} // holds one word: there is something to take

	mu   sync.Mutex
	told map[place]string // the version that the page shows of each schedule, where it was told of one
	news news
}

// news are what a tab takes at once.
type news struct {
	changed map[place]*v1alpha1.MaintenanceSchedule // nil: deleted
	present map[place]bool                          // all schedules that there are; nil: the list was not read again
	lost    error                                   // why the API server is not seen
	found   bool                                    // it is seen again
}

// lacks tells whether the schedule is known not to be there any more.
func (n news) lacks(p place) bool {
	ms, changed := n.changed[p]
	return changed && ms == nil || n.present != nil && !n.present[p]
}

func newTab(f *feed, since string) *tab {
	version, _ := strconv.ParseUint(since, 10, 64) // another form tells nothing, and all are shown again
	return &tab{feed: f, since: version, wake: make(chan struct{}, 1), told: map[place]string{},
		news: news{changed: map[place]*v1alpha1.MaintenanceSchedule{}}}
}

// offer tells of a change, if the page does not show it already.
func (t *tab) offer(key place, ms *v1alpha1.MaintenanceSchedule) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note(key, ms)
	t.signal()
}

func (t *tab) note(key place, ms *v1alpha1.MaintenanceSchedule) {
	if ms == nil {
		delete(t.told, key)
		t.news.changed[key] = nil
		return
	}
	if t.told[key] == ms.ResourceVersion || t.told[key] == "" && t.isShown(ms) {
		return
	}
	t.told[key] = ms.ResourceVersion
	t.news.changed[key] = ms
}

// isShown tells whether the page was made after that version.
func (t *tab) isShown(ms *v1alpha1.MaintenanceSchedule) bool {
	version, err := strconv.ParseUint(ms.ResourceVersion, 10, 64)
	return err == nil && version <= t.since
}

// offerAll tells of all that the page does not show, and of all that there are.
func (t *tab) offerAll(items map[place]*v1alpha1.MaintenanceSchedule) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.news.present = make(map[place]bool, len(items))
	for key, ms := range items {
		t.note(key, ms)
		t.news.present[key] = true
	}
	for key := range t.told {
		if !t.news.present[key] {
			delete(t.told, key)
		}
	}
	t.news.lost, t.news.found = nil, true
	t.signal()
}

func (t *tab) lose(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.news.lost, t.news.found = err, false
	t.signal()
}

func (t *tab) signal() {
	select {
	case t.wake <- struct{}{}:
	default: // it has been woken already
	}
}

// take is what there is to tell, once.
func (t *tab) take() news {
	t.mu.Lock()
	defer t.mu.Unlock()
	taken := t.news
	t.news = news{changed: map[place]*v1alpha1.MaintenanceSchedule{}}
	return taken
}
