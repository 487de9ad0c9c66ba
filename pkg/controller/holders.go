package controller

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
)

// holdersFor is how long what was found out about a schedule's claims is believed, and how long before a run it is
// found out again: nobody tells the controller when the application moves.
const holdersFor = 30 * time.Second

// holders are the pods of others that have mounted claims which only one node, or one pod, at a time can mount.
type holders struct {
	at         time.Time
	generation int64               // of the schedule
	order      string              // the value of run-now: an order makes a run at once
	oneNode    bool                // there is such a claim, whether or not a pod has mounted it
	colocated  []cronjob.Colocated // whose nodes a run has to share
	exclusive  string              // why no run can start now; empty: one can
}

// readHolders asks the API server itself: the cache holds neither claims nor pods of others. A schedule without such a
// claim costs one small read for each claim, and at most one each holdersFor.
func (r *Reconciler) readHolders(ctx context.Context, seen *observation) error {
	claims := cronjob.Claims(seen.schedule, r.Settings)
	if len(claims) == 0 {
		return nil
	}
	key := client.ObjectKeyFromObject(seen.schedule)
	if known, ok := r.holders.Load(key); ok {
		seen.holders = known.(holders)
		if seen.holders.isFresh(seen) {
			return nil
		}
	}
	found, err := r.findHolders(ctx, seen.schedule.Namespace, claims)
	if err != nil {
		return err
	}
	found.at, found.generation = seen.now, seen.schedule.Generation
	found.order = seen.schedule.Annotations[v1alpha1.AnnotationRunNow]
	seen.holders = found
	r.holders.Store(key, found)
	return nil
}

func (h holders) isFresh(seen *observation) bool {
	age := seen.now.Sub(h.at)
	return h.generation == seen.schedule.Generation &&
		h.order == seen.schedule.Annotations[v1alpha1.AnnotationRunNow] && age >= 0 && age < holdersFor
}

func (r *Reconciler) findHolders(ctx context.Context, namespace string, names []string) (holders, error) {
	var found holders
	claims := map[string]corev1.PersistentVolumeAccessMode{}
	for _, name := range names {
		mode, err := r.oneNodeMode(ctx, types.NamespacedName{Namespace: namespace, Name: name})
		if err != nil {
			return found, err
		}
		if mode != "" {
			claims[name] = mode
		}
	}
	if found.oneNode = len(claims) > 0; !found.oneNode {
		return found, nil
	}
	var pods corev1.PodList
	if err := r.Reader.List(ctx, &pods, client.InNamespace(namespace)); err != nil {
		return found, fmt.Errorf("list the pods that have mounted a claim: %w", err)
	}
	found.colocated, found.exclusive = colocatedHolders(pods.Items, claims)
	return found, nil
}

// oneNodeMode is ReadWriteOnce or ReadWriteOncePod where a claim allows nothing else, and else empty. What a bound
// claim allows is what its volume does.
func (r *Reconciler) oneNodeMode(ctx context.Context,
	key types.NamespacedName) (mode corev1.PersistentVolumeAccessMode, err error) {
	var claim corev1.PersistentVolumeClaim
	if err := r.Reader.Get(ctx, key, &claim); apierrors.IsNotFound(err) {
		return "", nil // the scheduler says so when a run starts
	} else if err != nil {
		return "", fmt.Errorf("read the claim %s: %w", key.Name, err)
	}
	modes := claim.Status.AccessModes
	if len(modes) == 0 {
		modes = claim.Spec.AccessModes
	}
	for _, mode = range modes {
		if mode != corev1.ReadWriteOnce && mode != corev1.ReadWriteOncePod {
			return "", nil
		}
	}
	return mode, nil
}

// colocatedHolders is pure: whose nodes a run must share that mounts these claims, or why it cannot start. The order is
// always the same.
func colocatedHolders(pods []corev1.Pod,
	claims map[string]corev1.PersistentVolumeAccessMode) (all []cronjob.Colocated, exclusive string) {
	known := map[string]bool{}
	for i := range pods {
		pod := &pods[i]
		claim := heldBy(pod, claims)
		if claim == "" {
			continue
		}
		if claims[claim] == corev1.ReadWriteOncePod {
			return nil, fmt.Sprintf("the access mode of the claim %s is ReadWriteOncePod, "+
				"and the pod %s has mounted it, so that no other pod can: "+
				"use a claim with ReadWriteOnce or ReadWriteMany, or stop that pod while maintenance runs",
				claim, pod.Name)
		}
		colocated := colocatedOf(pod, pods)
		if text := fmt.Sprint(colocated); !known[text] {
			known[text] = true
			all = append(all, colocated)
		}
	}
	slices.SortFunc(all, func(a, b cronjob.Colocated) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return all, ""
}

// heldBy is one of the claims that a pod on a node has mounted; empty: none. Pods that end, such as those of Jobs and
// of maintenance itself, are not stayed beside: a run would wait for them when they are gone.
func heldBy(pod *corev1.Pod, claims map[string]corev1.PersistentVolumeAccessMode) string {
	if pod.Spec.NodeName == "" || pod.DeletionTimestamp != nil ||
		pod.Spec.RestartPolicy != corev1.RestartPolicyAlways ||
		pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return ""
	}
	for _, v := range pod.Spec.Volumes {
		if source := v.PersistentVolumeClaim; source != nil && claims[source.ClaimName] != "" {
			return source.ClaimName
		}
	}
	return ""
}

// colocatedOf names a pod by its labels, without those that change with every version of it. Where pods on other nodes
// have these labels too, it is named by its node.
func colocatedOf(pod *corev1.Pod, all []corev1.Pod) cronjob.Colocated {
	lasting := maps.Clone(pod.Labels)
	for _, name := range []string{"pod-template-hash", "controller-revision-hash", "pod-template-generation"} {
		delete(lasting, name)
	}
	selector := labels.SelectorFromSet(lasting)
	for i := range all {
		other := &all[i]
		elsewhere := other.Spec.NodeName != "" && other.Spec.NodeName != pod.Spec.NodeName
		if elsewhere && selector.Matches(labels.Set(other.Labels)) {
			return cronjob.Colocated{Node: pod.Spec.NodeName}
		}
	}
	if len(lasting) == 0 {
		return cronjob.Colocated{Node: pod.Spec.NodeName}
	}
	return cronjob.Colocated{Labels: lasting}
}
