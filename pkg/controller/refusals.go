package controller

import (
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// refusedFor is how long a write that was refused is not tried again. It is then tried for ever: what a policy refuses
// today it may allow tomorrow, and nobody tells.
const refusedFor = 5 * time.Minute

// refusals are the writes that the API server or a policy refused (403, 422). The zero value knows none.
type refusals struct{ last sync.Map }

// refusal is the last one of an object: what was to be written, the answer, and when.
type refusal struct {
	content string
	err     error
	at      time.Time
}

// try writes an object, unless the same content was refused a short while ago: then it answers as the API server did.
func (r *refusals) try(kind string, object client.Object, content string, now time.Time, write func() error) error {
	key := object.GetNamespace() + "/" + kind + "/" + object.GetName()
	if known, ok := r.last.Load(key); ok {
		if last := known.(refusal); last.content == content && now.Sub(last.at).Abs() < refusedFor {
			return last.err
		}
	}
	err := write()
	if isRefused(err) {
		r.last.Store(key, refusal{content, err, now})
	} else {
		r.last.Delete(key)
	}
	return err
}

// forget drops what is known of the CronJob of a schedule that is gone, and of its Jobs and pods, whose names begin as
// its own.
func (r *refusals) forget(schedule types.NamespacedName) {
	r.last.Range(func(key, _ any) bool {
		for _, kind := range []string{"CronJob", "Job", "Pod"} {
			own := schedule.Namespace + "/" + kind + "/" + schedule.Name
			if key == own || strings.HasPrefix(key.(string), own+"-") {
				r.last.Delete(key)
			}
		}
		return true
	})
}

// isRefused tells whether an answer will be the same until somebody changes something.
func isRefused(err error) bool { return apierrors.IsForbidden(err) || apierrors.IsInvalid(err) }

// sooner is the shorter of two waits, of which 0 is none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
