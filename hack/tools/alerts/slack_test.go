package alerts

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/config/receiver"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/template"
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
			return alert.New(model.Alert{Labels: labelSet(active.Labels), Annotations: labelSet(active.Annotations), StartsAt: now, EndsAt: now.Add(time.Hour)}, now, false)
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

// sent is what Alertmanager, with a configuration, sends to Slack's webhook of an alert; empty where it sends nothing there.
func sent(t *testing.T, conf *config.Config, a *alert.Alert) (body string) {
	t.Helper()
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		body = string(text)
		_, _ = io.WriteString(w, "ok") // as Slack answers
	}))
	defer slack.Close()
	file := filepath.Join(t.TempDir(), "slack-url")
	if err := os.WriteFile(file, []byte(slack.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	texts, err := template.FromGlobs(conf.Templates)
	if err != nil {
		t.Fatal(err)
	}
	texts.ExternalURL, _ = url.Parse("http://alertmanager.example.com")
	for _, route := range dispatch.NewRoute(conf.Route, nil).Match(a.Labels) {
		for _, r := range conf.Receivers {
			if r.Name != route.RouteOpts.Receiver {
				continue
			}
			for _, s := range r.SlackConfigs {
				s.APIURLFile = file // what stands in the file is Slack's address
			}
			notifyAll(t, r, route, texts, a)
		}
	}
	return body
}

func notifyAll(t *testing.T, r config.Receiver, route *dispatch.Route, texts *template.Template, a *alert.Alert) {
	t.Helper()
	integrations, err := receiver.BuildReceiverIntegrations(r, texts, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	group := model.LabelSet{}
	for name := range route.RouteOpts.GroupBy {
		group[name] = a.Labels[name]
	}
	ctx := notify.WithGroupLabels(notify.WithGroupKey(notify.WithReceiverName(context.Background(), r.Name), "key"), group)
	for i := range integrations {
		if verdict := integrations[i].Notify(ctx, a); verdict.Err() != nil {
			t.Errorf("%s: %v", r.Name, verdict.Err())
		}
	}
}

// The message names the schedule and leads to the runbook.
func TestTheDocumentedAlertmanagerTellsSlackWhatTheAlertIs(t *testing.T) {
	a := firingAlert(t, "MaintenanceRefused", with(failed("Refused", day, 1)))
	var message struct {
		Channel     string
		Attachments []struct {
			Title, Text, Color string
			TitleLink          string `json:"title_link"`
		}
	}
	body := sent(t, documented(t), a)
	if err := json.Unmarshal([]byte(body), &message); err != nil || len(message.Attachments) != 1 {
		t.Fatalf("%v: %s", err, body)
	}
	got := message.Attachments[0]
	if message.Channel != "#media" || got.Title != "FIRING: media/nightly refused to change anything" || got.Color != "danger" ||
		!strings.HasSuffix(got.TitleLink, "/docs/runbooks/MaintenanceRefused.md") {
		t.Errorf("the message is %+v", message)
	}
	for _, part := range []string{"verify-references would have deleted more", "`kubectl maint logs nightly -n media`"} {
		if !strings.Contains(got.Text, part) {
			t.Errorf("the text is %q, without %q", got.Text, part)
		}
	}
}

// An alert without a schedule has no command, and one of somebody else goes elsewhere.
func TestTheDocumentedAlertmanagerLeavesOthersAlertsAlone(t *testing.T) {
	down := firingAlert(t, "MaintenanceControllerDown", series{"other": always(1)})
	if body := sent(t, documented(t), down); !strings.Contains(body, "MaintenanceControllerDown.md") || strings.Contains(body, "kubectl maint logs") {
		t.Errorf("the message is %q", body)
	}
	now := time.Now()
	other := alert.New(model.Alert{Labels: model.LabelSet{"alertname": "DiskFull"}, StartsAt: now, EndsAt: now.Add(time.Hour)}, now, false)
	if body := sent(t, documented(t), other); body != "" {
		t.Errorf("somebody else's alert is sent: %s", body)
	}
}
