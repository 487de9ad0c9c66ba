package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// stream writes server-sent events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// The browser asks again after retry milliseconds. A comment every heartbeat shows both ends that the other is there.
const (
	retry     = 2000
	heartbeat = 15 * time.Second
)

// newStream begins the answer. It may last longer than any other, so that the server must limit each write, and not the whole.
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
	_, err = fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", event, text)
	return err
}

// beat says that the server is there.
func (s *stream) beat() error {
	_, err := fmt.Fprint(s.w, ": here\n\n")
	return s.flush(err)
}

func (s *stream) flush(err error) error {
	if err != nil {
		return err
	}
	return s.control.Flush()
}

// put replaces the element of a page that has the id, or adds it to the list.
type put struct {
	ID   string `json:"id"`
	HTML string `json:"html"`
}
