package dashboard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"ucorefs.io/maintenance/pkg/dashboard/view"
	"ucorefs.io/maintenance/pkg/plaintext"
)

// runPage is what the page of one run shows.
type runPage struct {
	place
	Address, Run string
	Ended        *view.Run    // nil while it is under way, and where the history does not have it
	Active       *view.Active // nil where it has ended
	Logs         Verdict
	Log          string
	LogProblem   string
	Cut          bool // only the end of the log is shown
	Stream       string
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
	shown := view.NewDetail(ms, d.Clock())
	body := runPage{place: p, Address: p.Address(), Run: name, Logs: d.may(r.Context(), v, p.Namespace, listPods, readLogs)}
	for i := range shown.Runs {
		if shown.Runs[i].Name == name {
			body.Ended = &shown.Runs[i]
		}
	}
	for i := range shown.Active {
		if shown.Active[i].Run == name {
			body.Active = &shown.Active[i]
			body.Stream = p.Address() + "/runs/" + name + "/log"
		}
	}
	if body.Logs.Allowed {
		body.readLog(r.Context(), v)
	}
	d.render(v, w, http.StatusOK, "run", page{Title: name, Body: body})
	return nil
}

func (b *runPage) readLog(ctx context.Context, v *visit) {
	cluster, err := v.cluster(b.Namespace)
	end := &tail{most: mostLog}
	if err == nil {
		out := &lines{to: end.write}
		err = errors.Join(cluster.Logs(ctx, out, b.Name, b.Run, false), out.end())
	}
	if err != nil {
		b.LogProblem = problemOf(err).Text
	}
	b.Log, b.Cut = end.String(), end.cut
}

// runLog sends the log of a run as it is written.
func (d *dashboard) runLog(v *visit, w http.ResponseWriter, r *http.Request) error {
	p := placeOf(r)
	cluster, err := v.cluster(p.Namespace)
	if err != nil {
		return err
	}
	s, err := newStream(w)
	if err != nil {
		return nil // the browser has gone
	}
	out := &lines{to: func(line string) error { return s.flush(s.send("line", line)) }}
	problem := cluster.Logs(r.Context(), out, p.Name, r.PathValue("run"), true)
	if r.Context().Err() != nil || out.end() != nil {
		return nil
	}
	words := ""
	if problem != nil {
		words = problemOf(problem).Text
	}
	_ = s.flush(s.send("end", words)) // the browser may have gone
	return nil
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
