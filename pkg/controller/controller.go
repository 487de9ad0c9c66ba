// Package controller makes each MaintenanceSchedule into one CronJob, and what became of its runs into the schedule's
// status.
//
// One reconciliation is: observe (all reads, one look at the clock), decide (pure: a closed set of actions, each with a
// reason), apply (the CronJob and the Job of run-now), then exactly one patch of the status (computed purely from the
// above), then the Events. It never runs maintenance, never talks to MongoDB, and never writes spec or metadata of a
// user's object.
//
// A crash between two steps loses nothing: the CronJob is compared again, the Job of run-now has a name that follows
// from the annotation's value, and results are read again until the status that holds them is stored. Only Events can
// be lost.
package controller

import (
	"context"
	"fmt"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlcontroller "sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// workers is how many schedules are reconciled at once: a pod that is slow to tell its progress keeps one waiting.
const workers = 4

// Name is the controller's, in Events and logs.
const Name = "maintenance-controller"

// Reconciler reconciles MaintenanceSchedules. All fields but Live are required.
type Reconciler struct {
	Client   client.Client // reads from the cache
	Reader   client.Reader // reads from the API server
	Events   events.EventRecorder
	Metrics  *Metrics
	Live     *Live // nil: no progress is shown
	Settings cronjob.Settings
	Now      func() time.Time

	replaced sync.Map // by schedule: the resource version that the last status was written over
	holders  sync.Map // by schedule: what was found out about its claims
	refusals refusals
}

// Reconcile makes the cluster as the schedule says, and the schedule's status as the cluster is.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	seen, err := r.observe(ctx, request.NamespacedName)
	if err != nil {
		return ctrl.Result{}, err
	}
	if seen == nil {
		r.replaced.Delete(request.NamespacedName)
		r.holders.Delete(request.NamespacedName)
		r.refusals.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	if r.isReplaced(seen.schedule) {
		return lookAgain(), nil
	}
	todo := decide(*seen, r.Settings)
	if (todo.action == update || todo.action == hold) && cronjob.IsStripped(seen.cronJob) {
		if err := r.readWholeCronJob(ctx, seen); err != nil {
			return ctrl.Result{}, err
		}
		todo = decide(*seen, r.Settings)
	}
	failure := r.apply(ctx, *seen, &todo)
	if isBehind(failure) {
		return lookAgain(), nil
	}
	status, again := nextStatus(*seen, todo, failure)
	if err := r.patchStatus(ctx, *seen, status); isBehind(err) {
		return lookAgain(), nil
	} else if err != nil {
		return ctrl.Result{}, err
	}
	r.record(*seen, todo, status, failure)
	if todo.refused || isRefused(failure) {
		again, failure = sooner(again, refusedFor+time.Second), nil
	}
	if todo.unmade && failure != nil { // what else is due at a time is not put off
		ctrl.LoggerFrom(ctx).Error(failure, "make a Job")
		return ctrl.Result{RequeueAfter: sooner(again, retryJob)}, nil
	}
	if failure != nil {
		return ctrl.Result{}, failure // tried again with back-off
	}
	if len(todo.throttle.pods) > 0 && todo.throttle.problem != "" {
		again = sooner(again, retryJob)
	}
	return ctrl.Result{RequeueAfter: again}, nil
}

// isBehind tells whether the cache does not show yet what is stored: no failure, and nothing to report.
func isBehind(err error) bool { return apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) }

// isReplaced tells whether the cache still shows the schedule as it was before the status that was written last: what
// would be decided from it would be refused, or be wrong.
func (r *Reconciler) isReplaced(ms *v1alpha1.MaintenanceSchedule) bool {
	version, ok := r.replaced.Load(client.ObjectKeyFromObject(ms))
	return ok && version == ms.ResourceVersion
}

// retryJob is how soon a Job that was not taken is tried again.
const retryJob = 30 * time.Second

func lookAgain() ctrl.Result { return ctrl.Result{RequeueAfter: time.Second} }

// SetupWithManager starts reconciling when the manager starts. A change of the status alone, which is the controller's
// own, starts nothing.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	if err := addIndex(context.Background(), mgr.GetFieldIndexer(), r.Settings); err != nil {
		return fmt.Errorf("index the cache: %w", err)
	}
	ofLabel := handler.EnqueueRequestsFromMapFunc(scheduleOfLabel)
	err := ctrl.NewControllerManagedBy(mgr).
		Named(Name).
		For(&v1alpha1.MaintenanceSchedule{}, builder.WithPredicates(
			predicate.Or[client.Object](predicate.GenerationChangedPredicate{},
				predicate.AnnotationChangedPredicate{}))).
		Watches(&v1alpha1.MaintenanceSchedule{}, handler.EnqueueRequestsFromMapFunc(r.cleanersOf),
			builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&batchv1.CronJob{}, handler.EnqueueRequestsFromMapFunc(scheduleOfName)).
		Watches(&batchv1.Job{}, ofLabel).
		Watches(&corev1.Pod{}, ofLabel).
		WithOptions(ctrlcontroller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the controller: %w", err)
	}
	return nil
}

// scheduleOfName maps every CronJob to the schedule of its name, so that a foreign one that goes away makes room at
// once.
func scheduleOfName(_ context.Context, object client.Object) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: client.ObjectKeyFromObject(object)}}
}

func scheduleOfLabel(_ context.Context, object client.Object) []reconcile.Request {
	name := object.GetLabels()[v1alpha1.LabelSchedule]
	if name == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: object.GetNamespace(), Name: name}}}
}
