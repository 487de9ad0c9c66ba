package dashboard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/view"
	"ucorefs.io/maintenance/pkg/plaintext"
)

// runPage is what the page of one run shows.
type runPage struct {
	place
	runState
	Address, Run string
	Logs         Verdict
	Log          string
	LogProblem   string
	Cut          bool // only the end of the log is shown
	Stream       string
}

// runState is how far a run is.
type runState struct {
	Ended  *view.Run    // nil while it is under way, and where the history does not have it
	Active *view.Active // nil where it has ended
}

// mostLog is how much of a log a page holds, in bytes.
const mostLog = 256 << 10

// run shows one run with its log.
func (d *dashboard) run(v *visit, w http.ResponseWriter, r *http.Request) error {
	p, name := placeOf(r), r.PathValue("run")
	ms, err := v.read(r.Context(), p)
	if err != nil {
		return err
	}
	body := runPage{place: p, runState: newRunState(ms, name, d.Clock()), Address: p.Address(), Run: name,
		Logs: d.may(r.Context(), v, p.Namespace, listPods, readLogs)}
	address, events := p.Address()+"/runs/"+name, url.Values{"since": {ms.ResourceVersion}}
	if body.Active != nil {
		body.Stream = address + "/log"
	}
	if body.Logs.Allowed {
		body.readLog(r.Context(), v)
	}
	d.render(v, w, http.StatusOK, "run", page{Title: name, Body: body, Events: address + "/events?" + events.Encode()})
	return nil
}

// newRunState is pure: what a schedule's status says about one of its runs.
func newRunState(ms *v1alpha1.MaintenanceSchedule, name string, now time.Time) (state runState) {
	shown := view.NewDetail(ms, now)
	for i := range shown.Runs {
		if shown.Runs[i].Name == name {
			state.Ended = &shown.Runs[i]
		}
	}
	for i := range shown.Active {
		if shown.Active[i].Run == name {
			state.Active = &shown.Active[i]
		}
	}
	return state
}

// runEvents tells the page of a run how far the run is.
func (d *dashboard) runEvents(v *visit, w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("run")
	return d.streamOne(v, w, r, func(s *stream, ms *v1alpha1.MaintenanceSchedule) error {
		html, err := part("run", "progress", newRunState(ms, name, d.Clock()))
		if err != nil {
			return err
		}
		return s.send("put", put{ID: "progress", HTML: html})
	})
}

// logTime is how long a page waits for a log: a kubelet that does not answer must not keep the rest back.
const logTime = 5 * time.Second

func (b *runPage) readLog(ctx context.Context, v *visit) {
	ctx, cancel := context.WithTimeout(ctx, logTime)
	defer cancel()
	cluster, err := v.cluster(b.Namespace)
	end := &tail{most: mostLog}
	if err == nil {
		out := &lines{to: end.write}
		err = errors.Join(cluster.Logs(ctx, out, b.Name, b.Run, false), out.end())
	}
	if err != nil && b.Active == nil { // a run that has just begun has no pod yet
		b.LogProblem = problemOf(err).Text
	}
	b.Log, b.Cut = end.String(), end.cut
}

// runLog sends the log of a run as it is written.
func (d *dashboard) runLog(v *visit, w http.ResponseWriter, r *http.Request) error {
	done, err := d.streams.enter(v.Key)
	if err != nil {
		return err
	}
	defer done()
	p := placeOf(r)
	cluster, err := v.cluster(p.Namespace)
	if err != nil {
		return err
	}
	s, err := newStream(w)
	if err != nil {
		return nil // the browser has gone
	}
	defer s.keepAlive(d.heartbeat)()
	out, run := &lines{to: func(line string) error { return s.flush(s.send("line", line)) }}, r.PathValue("run")
	problem := cluster.Logs(r.Context(), out, p.Name, run, true)
	if r.Context().Err() != nil || out.end() != nil || problem != nil && d.isExpected(r.Context(), v, p, run, problem) {
		return nil // without an end, the browser asks again in a moment
	}
	words := ""
	if problem != nil {
		words = problemOf(problem).Text
	}
	_ = s.flush(s.send("end", words)) // the browser may have gone
	return nil
}

// isExpected tells whether a log that could not be read may be there soon: the run is under way, and has no pod yet.
func (d *dashboard) isExpected(ctx context.Context, v *visit, p place, run string, problem error) bool {
	if apierrors.IsForbidden(problem) || apierrors.IsUnauthorized(problem) {
		return false
	}
	ms, err := v.read(ctx, p)
	return isAway(problem) || err == nil && newRunState(ms, run, d.Clock()).Active != nil
}

// lines passes whole lines on, safe to show: a secret that begins in one write and ends in the next is one line.
type lines struct {
	to   func(line string) error
	rest []byte
}

// longestLine is where a line without an end is cut, in bytes.
const longestLine = 16 << 10

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole && len(l.rest) < longestLine {
			return len(p), nil
		}
		l.rest = rest
		if err := l.pass(line); err != nil {
			return 0, err
		}
	}
}

// end passes on what has no end of a line.
func (l *lines) end() error {
	if len(l.rest) == 0 {
		return nil
	}
	return l.pass(l.rest)
}

func (l *lines) pass(line []byte) error { return l.to(view.Redacted(safe(line))) }

func safe(line []byte) string {
	var out bytes.Buffer
	_, _ = io.Copy(&plaintext.Writer{To: &out}, bytes.NewReader(line)) // a buffer takes all
	return out.String()
}

// tail holds the last lines of a text.
type tail struct {
	bytes.Buffer
	most int
	cut  bool
}

func (t *tail) write(line string) error {
	t.WriteString(line)
	t.WriteByte('\n')
	if t.Len() > 2*t.most {
		t.Next(t.Len() - t.most)
		t.cut = true
	}
	return nil
}
