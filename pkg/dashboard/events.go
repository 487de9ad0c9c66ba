package dashboard

import (
	"net/http"
	"slices"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/view"
)

// collected is how long changes are collected before they are sent, so that a thousand of them are a few events.
const collected = 200 * time.Millisecond

// rowID is the id of a schedule's row.
func rowID(p place) string { return "row/" + p.Namespace + "/" + p.Name }

// listEvents tells a list of the rows that changed, and only of them.
func (d *dashboard) listEvents(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := view.ReadQuery(r.URL.Query())
	return d.stream(v, w, r, d.scopeOf(r), func(s *stream, t *tab, n news) error {
		if n.present != nil {
			ids := make([]string, 0, len(n.present))
			for p := range n.present {
				ids = append(ids, rowID(p))
			}
			if err := s.send("present", ids); err != nil {
				return err
			}
		}
		if len(n.changed) == 0 {
			return nil
		}
		list := view.NewList(t.feed.schedules(), q, d.Clock())
		if err := sendRows(s, list.Rows, n.changed); err != nil {
			return err
		}
		html, err := part("list", "tally", list)
		if err != nil {
			return err
		}
		return s.send("put", put{ID: "tally", HTML: html})
	})
}

// sendRows sends the rows that changed, last first: the row before which each of them stands is then in its place.
func sendRows(s *stream, rows []view.Row, changed map[place]*v1alpha1.MaintenanceSchedule) error {
	before, shown := "", map[place]bool{}
	for _, row := range slices.Backward(rows) {
		p := place{row.Namespace, row.Name}
		if _, ok := changed[p]; ok {
			shown[p] = true
			html, err := part("list", "row", row)
			if err != nil {
				return err
			}
			if err := s.send("put", put{rowID(p), html, before}); err != nil {
				return err
			}
		}
		before = rowID(p)
	}
	for p := range changed {
		if shown[p] {
			continue
		}
		if err := s.send("gone", rowID(p)); err != nil {
			return err
		}
	}
	return nil
}

// streamOne tells see of each change of a schedule, and the page that it was deleted.
func (d *dashboard) streamOne(
	v *visit, w http.ResponseWriter, r *http.Request, see func(*stream, *v1alpha1.MaintenanceSchedule) error,
) error {
	p := placeOf(r)
	return d.stream(v, w, r, p.Namespace, func(s *stream, _ *tab, n news) error {
		ms, changed := n.changed[p]
		switch {
		case n.lacks(p):
			return s.send("deleted", p.Name)
		case !changed:
			return nil
		}
		return see(s, ms)
	})
}

// scheduleEvents tells the page of one schedule of the parts that change.
func (d *dashboard) scheduleEvents(v *visit, w http.ResponseWriter, r *http.Request) error {
	return d.streamOne(v, w, r, func(s *stream, ms *v1alpha1.MaintenanceSchedule) error {
		shown := d.detail(r, v, ms)
		for _, name := range []string{"summary", "approval", "actions", "runs", "more"} {
			html, err := part("schedule", name, shown)
			if err != nil {
				return err
			}
			if err := s.send("put", put{ID: name, HTML: html}); err != nil {
				return err
			}
		}
		return nil
	})
}

// stream tells a tab of all that it should know, until it is closed.
func (d *dashboard) stream(v *visit, w http.ResponseWriter, r *http.Request, namespace string,
	tell func(*stream, *tab, news) error) error {
	done, err := d.streams.enter(v.Key)
	if err != nil {
		return err
	}
	defer done()
	t, leave, err := d.feeds.join(v, namespace, r.URL.Query().Get("since"))
	if err != nil {
		return err
	}
	defer leave()
	s, err := newStream(w)
	if err != nil {
		return err
	}
	defer s.keepAlive(d.heartbeat)()
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-t.wake:
		}
		if s.flush(tellAll(s, t, tell)) != nil {
			return nil // the browser has gone, and there is nobody to tell
		}
		select {
		case <-r.Context().Done():
		case <-time.After(collected):
		}
	}
}

// tellAll tells of the changes first: what was taken is not told again.
func tellAll(s *stream, t *tab, tell func(*stream, *tab, news) error) error {
	n := t.take()
	if n.found {
		if err := s.send("found", true); err != nil {
			return err
		}
	}
	if err := tell(s, t, n); err != nil || n.lost == nil {
		return err
	}
	return s.send("lost", problemOf(n.lost).Title)
}
