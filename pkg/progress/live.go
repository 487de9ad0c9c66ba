package progress

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"
)

// Path is where a run serves its progress over HTTP, as a Live in JSON.
const Path = "/progress"

// MaxLive is the most bytes that a Live in JSON has.
const MaxLive = 1024

// Live is how far a run has come, as the job tells it and the controller reads it. Step and Done never go back while a
// process lives.
type Live struct {
	Step   int    `json:"step"`   // counts from 1; 0: none has begun
	Name   string `json:"name"`   // of the step, in a few words
	Done   int64  `json:"done"`   // units of the step
	Total  int64  `json:"total"`  // the expected sum; 0: not known
	Rate   int64  `json:"rate"`   // units in a second since the step began
	Left   int64  `json:"left"`   // seconds that the rest of the step takes at that rate; -1: not known
	Passed int64  `json:"passed"` // seconds since the step began
	// Throttle, Limit and Slowed are those of Limit; Took and Usual are in milliseconds.
	Throttle string `json:"throttle,omitempty"`
	Limit    int64  `json:"limit,omitempty"`
	Slowed   bool   `json:"slowed,omitempty"`
	Took     int64  `json:"took,omitempty"`
	Usual    int64  `json:"usual,omitempty"`
}

// Why says what slows the run; empty: nothing does.
func (l Live) Why() string {
	if !l.Slowed {
		return ""
	}
	return Limit{Took: time.Duration(l.Took) * time.Millisecond, Usual: time.Duration(l.Usual) * time.Millisecond}.Why()
}

// Percent is how much of the step is done, 0 to 100; -1 where the total is not known.
func (l Live) Percent() int {
	if l.Total <= 0 {
		return -1
	}
	return int(State{Done: l.Done, Total: l.Total}.percent())
}

// Live is the step under way, else the one that ended last.
func (p *Progress) Live() Live {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, now := p.state, p.out.Now()
	if s.Step == "" {
		s, now = p.last, p.ended
	}
	s = p.limited(s)
	live := Live{
		Step: p.steps, Name: s.Step, Done: s.Done, Total: max(s.Total, 0), Rate: int64(s.Rate(now)), Left: -1,
		Throttle: s.Throttle, Limit: max(s.PerSecond, 0), Slowed: s.Slowed,
		Took: s.Took.Milliseconds(), Usual: s.Usual.Milliseconds(),
	}
	if left, ok := s.Left(now); ok {
		live.Left = int64(left / time.Second)
	}
	if !s.Started.IsZero() {
		live.Passed = int64(now.Sub(s.Started) / time.Second)
	}
	return live
}

// ServeHTTP answers with the Live. Anybody who reaches the port may read it: it holds no name of a user's.
func (p *Progress) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.Path != Path {
		http.Error(w, "GET "+Path+" is all there is", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(p.Live())
}

// ParseLive reads a Live that came over a network, and believes nothing that cannot be.
func ParseLive(text []byte) (l Live, err error) {
	if len(text) > MaxLive {
		return l, fmt.Errorf("the progress has more than %d bytes", MaxLive)
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return l, fmt.Errorf("read the progress: %w", err)
	}
	if !l.isWithinBounds() {
		return Live{}, errors.New("the progress is out of its bounds")
	}
	return l, nil
}

func (l Live) isWithinBounds() bool {
	const longest, longestThrottle = 64, 16
	for _, n := range []int64{int64(l.Step), l.Done, l.Total, l.Rate, l.Limit, l.Took, l.Usual, l.Left + 1} {
		if n < 0 {
			return false
		}
	}
	const most = int64(mostLeft / time.Second)
	return l.Left <= most && l.Took <= most*1000 && l.Usual <= most*1000 && len(l.Name) <= longest &&
		utf8.ValidString(l.Name) && len(l.Throttle) <= longestThrottle && utf8.ValidString(l.Throttle)
}
