package alerts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
)

// documented is the configuration of Alertmanager that docs/operations.md shows.
func documented(t *testing.T) *config.Config {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(repository, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "```yaml\n# alertmanager.yaml\n")
	text, _, closed := strings.Cut(text, "```")
	if !found || !closed {
		t.Fatal("docs/operations.md shows no alertmanager.yaml")
	}
	conf, err := config.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return conf
}

// firingAlert is the first alert of a rule, as Prometheus sends it to Alertmanager.
func firingAlert(t *testing.T, name string, samples series) *alert.Alert {
	t.Helper()
	for _, rule := range rendered(t) {
		if rule.Alert != name {
			continue
		}
		loaded := loadRule(t, rule)
		storage := promqltest.LoadedStorage(t, loadOf(samples))
		t.Cleanup(func() { storage.Close() })
		query := rules.EngineQueryFunc(promqltest.NewTestEngine(t, false, 0, 100_000), storage)
		for at := range steps {
			if _, err := loaded.Eval(t.Context(), 0, time.Unix(0, 0).Add(time.Duration(at)*step), query, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
		for _, active := range loaded.ActiveAlerts() {
			now := time.Now()
			return alert.New(model.Alert{Labels: labelSet(active.Labels), Annotations: labelSet(active.Annotations),
				StartsAt: now, EndsAt: now.Add(time.Hour)}, now, false)
		}
	}
	t.Fatalf("%s does not fire", name)
	return nil
}

func labelSet(all labels.Labels) model.LabelSet {
	set := model.LabelSet{}
	all.Range(func(l labels.Label) { set[model.LabelName(l.Name)] = model.LabelValue(l.Value) })
	return set
}

// changed is an alert with other labels.
func changed(a *alert.Alert, labels model.LabelSet) *alert.Alert {
	return alert.New(model.Alert{Labels: a.Labels.Merge(labels), Annotations: a.Annotations, StartsAt: a.StartsAt,
		EndsAt: a.EndsAt}, a.UpdatedAt, false)
}

// resolved is an alert that ended now.
func resolved(a *alert.Alert) *alert.Alert {
	now := time.Now()
	return alert.New(model.Alert{Labels: a.Labels, Annotations: a.Annotations, StartsAt: a.StartsAt, EndsAt: now}, now,
		false)
}

// The message names the schedule and leads to the runbook. A second one says when the alert is resolved. Seen to fail
// without send_resolved.
func TestTheDocumentedAlertmanagerTellsSlackWhatTheAlertIs(t *testing.T) {
	refused := firingAlert(t, "MaintenanceRefused", with(failed("Refused", day, 1)))
	a := startAlertmanager(t, documented(t), refused)
	for _, want := range []struct{ status, color string }{{"FIRING", "danger"}, {"RESOLVED", "good"}} {
		m := a.next()
		got := m.Attachments[0]
		if m.Channel != "#media" || got.Title != want.status+": media/nightly refused to change anything" ||
			got.Color != want.color ||
			!strings.HasSuffix(got.TitleLink, "/docs/runbooks/MaintenanceRefused.md") {
			t.Errorf("the message is %+v", m)
		}
		for _, part := range []string{"verify-references would have deleted more", "`kubectl maint logs nightly -n media`"} {
			if !strings.Contains(got.Text, part) {
				t.Errorf("the text is %q, without %q", got.Text, part)
			}
		}
		a.put(resolved(refused))
	}
}

// Seen to fail grouped by schedule alone.
func TestTheDocumentedAlertmanagerSendsOneMessageForEachAlertAndSchedule(t *testing.T) {
	one := firingAlert(t, "MaintenanceRefused", with(failed("Refused", day, 1)))
	a := startAlertmanager(t, documented(t), one, changed(one, model.LabelSet{"pod": "b"}),
		changed(one, model.LabelSet{"schedule": "weekly"}),
		changed(one, model.LabelSet{"alertname": "MaintenanceFailing"}))
	var titles []string
	for range 3 {
		titles = append(titles, a.next().Attachments[0].Title)
	}
	if more := a.rest(); len(more) > 0 {
		t.Errorf("after %q it sends %+v", titles, more)
	}
}

// An alert without a schedule has no command, and one of somebody else goes elsewhere.
func TestTheDocumentedAlertmanagerLeavesOthersAlertsAlone(t *testing.T) {
	down := firingAlert(t, "MaintenanceControllerDown", series{"other": always(1)})
	a := startAlertmanager(t, documented(t), changed(down, model.LabelSet{"alertname": "DiskFull"}), down)
	if got := a.next().Attachments[0]; !strings.HasSuffix(got.TitleLink, "MaintenanceControllerDown.md") ||
		strings.Contains(got.Text, "kubectl maint logs") {
		t.Errorf("the message is %+v", got)
	}
	groups, _, err := a.routes.Groups(t.Context(), func(*dispatch.Route) bool { return true },
		func(*alert.Alert, time.Time) (alert.AlertStatus, bool) { return alert.AlertStatus{}, true })
	receivers := map[string]int{}
	for _, group := range groups {
		receivers[group.Receiver]++
	}
	if err != nil || len(groups) != 2 || receivers["maintenance-slack"] != 1 || receivers["nobody"] != 1 {
		t.Errorf("the groups are for %v: %v", receivers, err)
	}
	if more := a.rest(); len(more) > 0 {
		t.Errorf("it also sends %+v", more)
	}
}
