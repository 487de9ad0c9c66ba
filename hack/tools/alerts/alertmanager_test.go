package alerts

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/config/receiver"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/nflog"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/provider/mem"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/timeinterval"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
)

// patience is how long a message may take on a busy machine.
const patience = 3 * time.Minute

// message is what Slack's webhook takes.
type message struct {
	Channel     string
	Attachments []struct {
		Title, Text, Color string
		TitleLink          string `json:"title_link"`
	}
}

// alertmanager is a real one: its storage of alerts, its dispatcher and its pipeline, put together as its own program
// does. Only its web pages are missing, which its module does not hold.
type alertmanager struct {
	t      *testing.T
	alerts *mem.Alerts
	routes *dispatch.Dispatcher
	slack  chan message
}

// startAlertmanager has a configuration and alerts that are there before it begins. What it sends to Slack comes to a
// server of the test.
func startAlertmanager(t *testing.T, conf *config.Config, alerts ...*alert.Alert) *alertmanager {
	t.Helper()
	a := &alertmanager{t: t, slack: make(chan message, 100)}
	sendToTest(t, conf, a.slack)
	registry, log := prometheus.NewRegistry(), slog.New(slog.DiscardHandler)
	stored, err := mem.NewAlerts(t.Context(), time.Hour, 0, nil, log, eventrecorder.Recorder{}, registry,
		featurecontrol.NoopFlags{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stored.Close)
	a.alerts = stored
	a.put(alerts...)
	texts, err := template.FromGlobs(conf.Templates)
	if err != nil {
		t.Fatal(err)
	}
	texts.ExternalURL, _ = url.Parse("http://alertmanager.example.com")
	times := timeinterval.NewIntervener(nil)
	patiently := func(d time.Duration) time.Duration { return max(d, patience) }
	a.routes = dispatch.NewDispatcher(stored, dispatch.NewRoute(conf.Route, nil), a.pipeline(conf, texts, times, registry,
		log), times, patiently,
		time.Hour, nil, log, eventrecorder.Recorder{}, nil, texts)
	go a.routes.Run(time.Now())
	t.Cleanup(a.routes.Stop)
	a.routes.WaitForLoading()
	return a
}

// sendToTest puts a server of the test in the place of Slack, and makes Alertmanager send at once.
func sendToTest(t *testing.T, conf *config.Config, messages chan<- message) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil || len(m.Attachments) != 1 {
			t.Errorf("Slack gets %+v: %v", m, err)
			http.Error(w, "invalid_payload", http.StatusBadRequest)
			return
		}
		messages <- m
		_, _ = w.Write([]byte("ok")) // as Slack answers
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "slack-url")
	if err := os.WriteFile(file, []byte(server.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, r := range conf.Receivers {
		for _, s := range r.SlackConfigs {
			s.APIURLFile = file
		}
	}
	soon := model.Duration(10 * time.Millisecond)
	conf.Route.GroupWait, conf.Route.GroupInterval = &soon, &soon
}

// pipeline is what becomes of the alerts of a group: inhibition, silences, repetition, receivers.
func (a *alertmanager) pipeline(conf *config.Config, texts *template.Template, times *timeinterval.Intervener,
	registry prometheus.Registerer, log *slog.Logger) notify.Stage {
	a.t.Helper()
	receivers := map[string][]notify.Integration{}
	for _, r := range conf.Receivers {
		integrations, err := receiver.BuildReceiverIntegrations(r, texts, log)
		if err != nil {
			a.t.Fatal(err)
		}
		receivers[r.Name] = integrations
	}
	sent, err := nflog.New(nflog.Options{Retention: time.Hour, Logger: log, Metrics: registry})
	if err != nil {
		a.t.Fatal(err)
	}
	silences, err := silence.New(silence.Options{Retention: time.Hour, Logger: log, Metrics: registry})
	if err != nil {
		a.t.Fatal(err)
	}
	inhibitor := inhibit.NewInhibitor(a.alerts, conf.InhibitRules, log, eventrecorder.Recorder{})
	go inhibitor.Run()
	a.t.Cleanup(inhibitor.Stop)
	inhibitor.WaitForLoading()
	alone := func() time.Duration { return 0 } // there is no other replica to wait for
	return notify.NewPipelineBuilder(registry, featurecontrol.NoopFlags{}, eventrecorder.Recorder{}).
		New(receivers, alone, inhibitor, silence.NewSilencer(silences, log, eventrecorder.Recorder{}), times, sent, nil)
}

// put sends alerts to it, as Prometheus does.
func (a *alertmanager) put(alerts ...*alert.Alert) {
	a.t.Helper()
	if err := a.alerts.Put(a.t.Context(), alerts...); err != nil {
		a.t.Fatal(err)
	}
}

// next is the next message that it sends to Slack.
func (a *alertmanager) next() message {
	a.t.Helper()
	select {
	case m := <-a.slack:
		return m
	case <-time.After(patience):
		a.t.Fatal("it sends nothing")
		return message{}
	}
}

// rest are the messages that nobody has taken, once it has stopped.
func (a *alertmanager) rest() (messages []message) {
	a.routes.Stop()
	for {
		select {
		case m := <-a.slack:
			messages = append(messages, m)
		default:
			return messages
		}
	}
}
