package controller

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// shown are the schedules of a cache as it holds them, which nobody may change. A list of them would be a copy: of
// 10,000 that is 15 MB for each scrape.
type shown struct {
	mu        sync.Mutex
	all       map[types.NamespacedName]*v1alpha1.MaintenanceSchedule
	hasSynced func() bool
}

// Follow has the metrics read the schedules that a cache holds, instead of lists.
func (m *Metrics) Follow(ctx context.Context, informers cache.Informers) error {
	informer, err := informers.GetInformer(ctx, &v1alpha1.MaintenanceSchedule{}, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("follow the schedules: %w", err)
	}
	s := &shown{all: map[types.NamespacedName]*v1alpha1.MaintenanceSchedule{}}
	registration, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc: s.set, UpdateFunc: func(_, object any) { s.set(object) }, DeleteFunc: s.remove})
	if err != nil {
		return fmt.Errorf("follow the schedules: %w", err)
	}
	s.hasSynced = registration.HasSynced
	m.shown = s
	return nil
}

func (s *shown) set(object any) {
	ms, ok := object.(*v1alpha1.MaintenanceSchedule)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[client.ObjectKeyFromObject(ms)] = ms
}

func (s *shown) remove(object any) {
	if last, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
		object = last.Obj
	}
	ms, ok := object.(*v1alpha1.MaintenanceSchedule)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, client.ObjectKeyFromObject(ms))
}

// schedules are all of them, once they are known, to be read only.
func (m *Metrics) schedules(ctx context.Context) ([]*v1alpha1.MaintenanceSchedule, error) {
	if m.shown == nil {
		return m.listed(ctx)
	}
	err := wait.PollUntilContextCancel(ctx, 10*time.Millisecond, true, func(context.Context) (bool, error) {
		return m.shown.hasSynced(), nil
	})
	if err != nil {
		return nil, err
	}
	m.shown.mu.Lock()
	defer m.shown.mu.Unlock()
	return slices.Collect(maps.Values(m.shown.all)), nil
}

func (m *Metrics) listed(ctx context.Context) (all []*v1alpha1.MaintenanceSchedule, err error) {
	var list v1alpha1.MaintenanceScheduleList
	if err := m.reader.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil { // they are only read
		return nil, err
	}
	for i := range list.Items {
		all = append(all, &list.Items[i])
	}
	return all, nil
}
