package access

import (
	"context"
	"maps"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientv1 "k8s.io/client-go/kubernetes/typed/authentication/v1"
	"k8s.io/client-go/rest"
)

// verdict is what the API server says about a token. The zero value lets nobody in.
type verdict int

const (
	rejected verdict = iota // not, or no longer, accepted
	unknown                 // nobody could be asked
	accepted
)

const (
	reviewEvery   = 30 * time.Second // how long an answer holds
	reviewTimeout = 10 * time.Second
	anonymous     = "system:anonymous"
)

// reviews asks the API server who has a token, and remembers the answer for a while.
type reviews struct {
	cluster *rest.Config
	clock   func() time.Time
	every   time.Duration

	mu    sync.Mutex
	known map[string]review    // by the session's id
	ended map[string]time.Time // when visitors signed out, by the session's id
}

type review struct {
	visitor Visitor
	since   time.Time // when the session began
	at      time.Time // when the API server last said so
}

func newReviews(cluster *rest.Config, clock func() time.Time) *reviews {
	return &reviews{cluster: rest.AnonymousClientConfig(cluster), clock: clock, every: reviewEvery,
		known: map[string]review{}, ended: map[string]time.Time{}}
}

// visitor is who has the session's token. If the API server does not answer, an earlier answer still holds: it lets the
// visitor see the page, while each request of the page still goes to the API server with the token.
func (r *reviews) visitor(ctx context.Context, s session) (Visitor, verdict) {
	if r.hasEnded(s) {
		return Visitor{}, rejected
	}
	before, found := r.remembered(s)
	if found && r.clock().Sub(before.at) < r.every {
		return before.visitor, accepted
	}
	visitor, verdict := r.ask(ctx, s)
	switch {
	case verdict == accepted:
		r.remember(s, visitor)
	case verdict == rejected:
		r.forget(s)
	case found:
		return before.visitor, accepted
	}
	return visitor, verdict
}

// ask is a SelfSubjectReview with the session's token.
func (r *reviews) ask(ctx context.Context, s session) (Visitor, verdict) {
	config := rest.CopyConfig(r.cluster)
	config.BearerToken = s.token
	client, err := clientv1.NewForConfig(config)
	if err != nil {
		return Visitor{}, unknown
	}
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	self, err := client.SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	switch {
	case apierrors.IsUnauthorized(err) || apierrors.IsForbidden(err):
		return Visitor{}, rejected
	case err != nil:
		return Visitor{}, unknown
	case self.Status.UserInfo.Username == "" || self.Status.UserInfo.Username == anonymous:
		return Visitor{}, rejected
	}
	return Visitor{Name: self.Status.UserInfo.Username, Config: config, Key: s.id}, accepted
}

func (r *reviews) remembered(s session) (review, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.known[s.id]
	return found, ok
}

// remember also forgets the sessions that are over.
func (r *reviews) remember(s session, v Visitor) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	for id, old := range r.known {
		if now.Sub(old.since) > maxSession {
			delete(r.known, id)
		}
	}
	r.known[s.id] = review{visitor: v, since: s.since, at: now}
}

func (r *reviews) forget(s session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, s.id)
}

// end makes the session worthless for this process, also to whoever has a copy of its cookies. Others learn of it from
// nobody.
func (r *reviews) end(s session) {
	r.forget(s)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	maps.DeleteFunc(r.ended, func(_ string, at time.Time) bool { return now.Sub(at) > maxSession })
	r.ended[s.id] = now
}

func (r *reviews) hasEnded(s session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ended := r.ended[s.id]
	return ended
}
