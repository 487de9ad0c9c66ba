// Package dashboard is the page on which people see and steer maintenance in a browser. Every read and every action is
// made with the visitor's own configuration, which the middleware of package access puts into the context. It must not
// hold rights, a store or a status of its own.
package dashboard

import (
	"log/slog"
	"net/http"
	"time"
)

// Options say what the page shows and where it gets the time.
type Options struct {
	Namespace string           // the only namespace that is shown; empty: all
	Clock     func() time.Time // nil: time.Now
	Version   string           // of the program, for the footer
	Log       *slog.Logger     // nil: nothing is logged
	Logout    bool             // show the form that signs out

	heartbeat time.Duration // of streams; 0: the usual one
}

// dashboard is what the handlers share.
type dashboard struct {
	Options
	feeds   *feeds
	rights  *rightsCache
	streams *streamCount
}

// New is the page. It expects a Visitor in the context of each request, and answers 401 without one; only what is below
// /assets/ needs none.
func New(o Options) http.Handler {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.heartbeat == 0 {
		o.heartbeat = heartbeat
	}
	d := &dashboard{Options: o, feeds: newFeeds(), rights: newRightsCache(o.Clock), streams: newStreamCount()}
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", assetHandler())
	for pattern, serve := range map[string]handler{
		"GET /{$}":    d.list,
		"GET /events": d.listEvents,
		"GET /new":    d.newSchedule,
		"POST /new":   d.createSchedule,
		"GET /import": d.importForm, "POST /import": d.importConfig,
		"GET " + schedulePath:                            d.schedule,
		"GET " + schedulePath + "/events":                d.scheduleEvents,
		"POST " + schedulePath + "/{action}":             d.act,
		"GET " + schedulePath + "/runs/{run}":            d.run,
		"GET " + schedulePath + "/runs/{run}/events":     d.runEvents,
		"GET " + schedulePath + "/runs/{run}/log":        d.runLog,
		"GET " + schedulePath + "/runs/{run}/restore":    d.restoreForm,
		"POST " + schedulePath + "/runs/{run}/{restore}": d.restore,
	} {
		mux.Handle(pattern, d.as(serve))
	}
	mux.Handle("/", d.as(func(v *visit, w http.ResponseWriter, r *http.Request) error { return errNoPage }))
	return compressed(mux)
}

// schedulePath is the address of one schedule.
const schedulePath = "/namespaces/{namespace}/schedules/{name}"
