package controller

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

const (
	// scrapeWait is how long a scrape waits for the one before it.
	scrapeWait = 10 * time.Second
	// scrapeTime is how long a client may take to read the metrics, so that a slow one does not keep others out.
	scrapeTime = 30 * time.Second
)

// Handler serves the process's own metrics and then those of the schedules, one client at a time: what a scrape needs
// in memory is needed once, however many there are.
func (m *Metrics) Handler(process prometheus.Gatherer) http.Handler {
	turn := make(chan struct{}, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-r.Context().Done():
			return
		case <-time.After(scrapeWait):
			w.Header().Set("Retry-After", "10")
			http.Error(w, "another client is reading the metrics: try again", http.StatusServiceUnavailable)
			return
		}
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(scrapeTime)) // where it is a connection
		m.serve(w, r, process)
	})
}

// serve writes the text. An error after its beginning can only break the connection, so that nobody takes a part for
// the whole.
func (m *Metrics) serve(w http.ResponseWriter, r *http.Request, process prometheus.Gatherer) {
	families, err := process.Gather()
	if err != nil {
		http.Error(w, "the metrics cannot be read: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", string(expfmt.NewFormat(expfmt.TypeTextPlain)))
	out, done := compressed(w, r)
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(out, family); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if err := m.WriteText(r.Context(), out); err != nil {
		panic(http.ErrAbortHandler)
	}
	done()
}

// compressed is the answer, compressed where the client takes that; done ends it.
func compressed(w http.ResponseWriter, r *http.Request) (out io.Writer, done func()) {
	w.Header().Add("Vary", "Accept-Encoding")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return w, func() {}
	}
	w.Header().Set("Content-Encoding", "gzip")
	zip, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is one
	return zip, func() { _ = zip.Close() }
}
