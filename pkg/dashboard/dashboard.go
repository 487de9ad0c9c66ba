// Package dashboard is the page on which people see and steer maintenance in a browser. Every read and every action is made with the
// visitor's own configuration, which the middleware of package access puts into the context. It must not hold rights, a store or
// a status of its own.
package dashboard

import (
	"log/slog"
	"net/http"
	"time"

	"ucorefs.io/maintenance/pkg/dashboard/access"
)

// Options say what the page shows and where it gets the time.
type Options struct {
	Namespace string           // the only namespace that is shown; empty: all
	Clock     func() time.Time // nil: time.Now
	Version   string           // of the program, for the footer
	Log       *slog.Logger     // nil: nothing is logged
	Logout    bool             // show the form that signs out
}

// New is the page. It expects a Visitor in the context of each request, and answers 401 without one.
func New(o Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := access.From(r.Context()); !ok {
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		}
		http.NotFound(w, r)
	})
}
