package dashboard

import (
	"context"
	"fmt"
	"sync"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// right is one that a Role can give. The name is that of one object, to which a Role may be limited; empty: all.
type right struct{ verb, group, resource, subresource, name string }

// on is the right for one object.
func (r right) on(name string) right {
	r.name = name
	return r
}

// The rights that the page asks about.
var (
	changeSchedules = right{verb: "patch", group: v1alpha1.Group, resource: "maintenanceschedules"}
	createSchedules = right{verb: "create", group: v1alpha1.Group, resource: "maintenanceschedules"}
	createJobs      = right{verb: "create", group: "batch", resource: "jobs"}
	deleteJobs      = right{verb: "delete", group: "batch", resource: "jobs"}
	readCronJobs    = right{verb: "get", group: "batch", resource: "cronjobs"}
	listPods        = right{verb: "list", resource: "pods"}
	readLogs        = right{verb: "get", resource: "pods", subresource: "log"}
	listEvents      = right{verb: "list", resource: "events"}
)

// String is the right as a person would ask for it.
func (r right) String() string {
	resource := r.resource
	if r.subresource != "" {
		resource += "/" + r.subresource
	}
	if r.group != "" {
		resource += "." + r.group
	}
	return r.verb + " " + resource
}

// Verdict is whether a visitor may do something. The zero value allows nothing.
type Verdict struct {
	Allowed bool
	Missing string // the right that is missing, in a sentence
}

// rightsCache holds what the API server said about the rights of visitors, for a short time.
type rightsCache struct {
	clock func() time.Time
	mu    sync.Mutex
	known map[rightsKey]cached
}

type rightsKey struct {
	visitor, namespace string
	right              right
}

type cached struct {
	Verdict
	until time.Time
}

// rightsLast is how long an answer is believed: who was just given a right sees it soon.
const (
	rightsLast = 10 * time.Second
	mostRights = 4096
)

func newRightsCache(clock func() time.Time) *rightsCache {
	return &rightsCache{clock: clock, known: map[rightsKey]cached{}}
}

// may tells whether the visitor has all those rights in the namespace. The first one that is missing is named.
func (d *dashboard) may(ctx context.Context, v *visit, namespace string, rights ...right) Verdict {
	verdicts := make([]Verdict, len(rights))
	var asking sync.WaitGroup
	for i, r := range rights {
		asking.Go(func() { verdicts[i] = d.rights.ask(ctx, v, namespace, r) })
	}
	asking.Wait()
	for _, verdict := range verdicts {
		if !verdict.Allowed {
			return verdict
		}
	}
	return Verdict{Allowed: len(rights) > 0}
}

func (c *rightsCache) ask(ctx context.Context, v *visit, namespace string, r right) Verdict {
	key, now := rightsKey{v.Key, namespace, r}, c.clock()
	c.mu.Lock()
	found, ok := c.known[key]
	c.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.Verdict
	}
	verdict, err := review(ctx, v, namespace, r)
	if err != nil {
		return Verdict{Missing: "Whether you have the right is not known: " + err.Error()}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= mostRights {
		clear(c.known)
	}
	c.known[key] = cached{verdict, now.Add(rightsLast)}
	return verdict
}

// review asks the API server, as the visitor.
func review(ctx context.Context, v *visit, namespace string, r right) (Verdict, error) {
	asked := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: r.verb, Group: r.group, Resource: r.resource, Subresource: r.subresource, Name: r.name,
		}}}
	answer, err := v.kube.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, asked, metav1.CreateOptions{})
	if err != nil {
		return Verdict{}, fmt.Errorf("ask for the right to %s: %w", r, err)
	}
	if answer.Status.Allowed {
		return Verdict{Allowed: true}, nil
	}
	where := "in all namespaces"
	if namespace != "" {
		where = "in the namespace " + namespace
	}
	return Verdict{Missing: fmt.Sprintf("You need the right to %s %s.", r, where)}, nil
}
