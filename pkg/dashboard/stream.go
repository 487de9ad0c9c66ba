package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// stream writes server-sent events, one at a time.
type stream struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	control *http.ResponseController
}

// The browser asks again after retry milliseconds. A comment every heartbeat shows both ends that the other is there,
// and keeps proxies from ending a quiet stream, which many do after 60 seconds.
const (
	retry     = 2000
	heartbeat = 15 * time.Second
)

// newStream begins the answer. It may last longer than any other, so that the server must limit each write, and not the
// whole.
func newStream(w http.ResponseWriter) (*stream, error) {
	s := &stream{w: w, control: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy that collects answers would hold the events back
	w.WriteHeader(http.StatusOK)
	_, err := fmt.Fprintf(w, "retry: %d\n\n", retry)
	return s, s.flush(err)
}

// send writes one event, whose data is JSON and so one line.
func (s *stream) send(event string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", event, text)
	return err
}

// keepAlive writes a comment every so often, until the function that it returns is called.
func (s *stream) keepAlive(every time.Duration) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			if s.beat() != nil {
				return // the browser has gone, which ends the request
			}
		}
	}()
	return func() { close(done); <-ended }
}

// beat says that the server is there.
func (s *stream) beat() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := fmt.Fprint(s.w, ": here\n\n"); err != nil {
		return err
	}
	return s.control.Flush()
}

func (s *stream) flush(err error) error {
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.control.Flush()
}

// put replaces the element of a page that has the id. A row that the list does not have is added, and a row stands
// before the one that Before names; empty: at the end.
type put struct {
	ID     string `json:"id"`
	HTML   string `json:"html"`
	Before string `json:"before,omitempty"`
}
