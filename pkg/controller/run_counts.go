package controller

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// runCounts are how many runs of each schedule ended, and how, since this process started. The zero value is ready.
type runCounts struct {
	mu  sync.Mutex
	all map[types.NamespacedName]map[ending]int64
}

type ending struct{ outcome, reason string }

func (m *Metrics) countRun(ms *v1alpha1.MaintenanceSchedule, run v1alpha1.RunSummary) {
	if run.DryRun {
		return
	}
	m.runs.add(client.ObjectKeyFromObject(ms), ending{run.Outcome, run.Reason})
}

// forget drops the counts of a schedule that is gone.
func (m *Metrics) forget(schedule types.NamespacedName) {
	m.runs.mu.Lock()
	defer m.runs.mu.Unlock()
	delete(m.runs.all, schedule)
}

func (r *runCounts) add(schedule types.NamespacedName, end ending) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[types.NamespacedName]map[ending]int64{}
	}
	if r.all[schedule] == nil {
		r.all[schedule] = map[ending]int64{}
	}
	r.all[schedule][end]++
}

func (r *runCounts) each(schedule types.NamespacedName, tell emit) {
	r.mu.Lock()
	counts := maps.Clone(r.all[schedule])
	r.mu.Unlock()
	order := func(a, b ending) int {
		return cmp.Or(cmp.Compare(a.outcome, b.outcome), cmp.Compare(a.reason, b.reason))
	}
	for _, end := range slices.SortedFunc(maps.Keys(counts), order) {
		tell(float64(counts[end]), end.outcome, end.reason)
	}
}
