package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"ucorefs.io/maintenance/pkg/dashboard/view"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// errNoPage is an address that nothing has.
var errNoPage = errors.New("there is no such page")

// errStreams is a stream more than a visitor may have.
var errStreams = errors.New("too many pages of yours are open: close some of them")

// notNow is an action that makes no sense at present, with what a person can do instead.
type notNow struct{ words string }

func (e *notNow) Error() string { return e.words }

// problem is what went wrong, as a page shows it.
type problem struct {
	Status              int
	Title, Text, Remedy string
	Passing             bool // the page tries again by itself
}

// problemOf is pure: the words for an error. The words of the API server stay, since they name the user and the right.
func problemOf(err error) problem {
	var missing *kubectlmaint.NoScheduleError
	var noCronJob *kubectlmaint.NoCronJobError
	var wrong *notNow
	var large *http.MaxBytesError
	var form *unreadable
	text := view.Text(err.Error())
	switch {
	case errors.Is(err, errNoPage):
		return problem{Status: http.StatusNotFound, Title: "There is no such page",
			Remedy: "The list of the schedules links to all pages that there are."}
	case errors.As(err, &missing):
		return problem{Status: http.StatusNotFound, Title: "There is no such schedule", Text: text,
			Remedy: "It may have been deleted, or be in another namespace."}
	case errors.As(err, &wrong), errors.As(err, &noCronJob):
		return problem{Status: http.StatusConflict, Title: "Nothing was changed", Text: text}
	case errors.Is(err, errStreams):
		return problem{Status: http.StatusTooManyRequests, Title: "Too many pages of yours are open: close some of them"}
	case errors.As(err, &large):
		return problem{Status: http.StatusRequestEntityTooLarge, Title: "Nothing was changed",
			Text: fmt.Sprintf("The file or the text is too large: send %d KiB at most.", large.Limit>>10)}
	case errors.As(err, &form):
		return problem{Status: http.StatusBadRequest, Title: "Nothing was changed", Text: text,
			Remedy: "Go back, load the page again and send the form from there."}
	case errors.Is(err, kubectlmaint.ErrNotInstalled):
		return problem{Status: http.StatusNotFound, Title: "This cluster has no MaintenanceSchedules",
			Remedy: "Install the chart first: helm install maintenance charts/maintenance. Then load this page again."}
	case apierrors.IsForbidden(err):
		return problem{Status: http.StatusForbidden, Title: "You may not do that", Text: text,
			Remedy: "Ask whoever runs the cluster for a Role with that verb and resource."}
	case apierrors.IsUnauthorized(err):
		return problem{Status: http.StatusUnauthorized, Title: "The cluster does not know you any more",
			Remedy: "Your token or certificate has expired or was revoked: sign in again, or start kubectl maint dashboard " +
				"again with a kubeconfig that is valid."}
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		return problem{Status: http.StatusConflict, Title: "Nothing was changed", Text: text}
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		return problem{Status: http.StatusUnprocessableEntity, Title: "The API server rejected it", Text: text}
	case apierrors.IsNotFound(err):
		return problem{Status: http.StatusNotFound, Title: "It is not there any more", Text: text}
	case isAway(err):
		return problem{Status: http.StatusServiceUnavailable, Title: "The API server does not answer", Text: text,
			Remedy: "This page tries again by itself.", Passing: true}
	}
	return problem{Status: http.StatusInternalServerError, Title: "That did not work", Text: text}
}

// isAway tells whether nobody answers, or not in time.
func isAway(err error) bool {
	return utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) ||
		utilnet.IsTimeout(err) ||
		errors.Is(err, context.DeadlineExceeded) || apierrors.IsServerTimeout(err) || apierrors.IsServiceUnavailable(err) ||
		apierrors.IsTooManyRequests(err)
}

// showProblem answers with the page of an error. It logs where it happened, and never what a visitor sent.
func (d *dashboard) showProblem(v *visit, w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the visitor went away
	}
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		d.Log.Warn("a request failed", "method", r.Method, "pattern", r.Pattern, "status", p.Status, "error",
			view.Text(err.Error()))
	}
	if strings.HasSuffix(r.Pattern, "events") || strings.HasSuffix(r.Pattern, "/log") {
		http.Error(w, p.Title, p.Status)
		return
	}
	d.render(v, w, p.Status, "problem", page{Title: p.Title, Body: p})
}
