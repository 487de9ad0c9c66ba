package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
)

// dashboard is what Grafana reads of the chart's dashboard.
type dashboard struct {
	Panels []struct {
		Title, Description string
		Links              []dashboardLink
		Targets            []struct{ Expr string }
		FieldConfig        struct {
			Defaults  struct{ Mappings []any }
			Overrides []struct {
				Matcher    struct{ Options string }
				Properties []struct {
					ID    string
					Value any
				}
			}
		}
	}
	Links      []dashboardLink
	Templating struct {
		List []struct {
			Name  string
			Query any
		}
	}
	Annotations struct{ List []struct{ Name, Expr string } }
}

type dashboardLink struct{ Title, URL string }

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository, "charts", "maintenance", "files", "dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// filled is a query with what Grafana would put in the place of its variables.
func filled(query string) string {
	return strings.NewReplacer("$__rate_interval", "1h", "$namespace", ".*", "$schedule", ".*").Replace(query)
}

var labelValues = regexp.MustCompile(`^label_values\((.*), ([a-z_]+)\)$`)

func TestTheDashboardNamesMetricsThatAreRegistered(t *testing.T) {
	d, metrics, queries := readDashboard(t), registered(t), 0
	for _, panel := range d.Panels {
		if panel.Title == "" || panel.Description == "" || len(panel.Targets) == 0 {
			t.Errorf("the panel %q has no title, description or query", panel.Title)
		}
		for _, target := range panel.Targets {
			check(t, panel.Title, target.Expr, metrics)
			queries++
		}
	}
	for _, annotation := range d.Annotations.List {
		check(t, "annotation "+annotation.Name, annotation.Expr, metrics)
		queries++
	}
	for _, variable := range d.Templating.List {
		if query, ok := variable.Query.(map[string]any); ok {
			match := labelValues.FindStringSubmatch(query["query"].(string))
			if match == nil {
				t.Errorf("the variable %s is asked for as %v", variable.Name, query)
				continue
			}
			check(t, variable.Name, "count by ("+match[2]+") ("+match[1]+")", metrics)
			queries++
		}
	}
	if queries < 20 {
		t.Errorf("there are %d queries only", queries)
	}
}

func runs(pod, outcome string) string {
	return fmt.Sprintf(`maintenance_runs_total{namespace="ucorefs",pod=%q,schedule_namespace="media",schedule="nightly",task="verify-references",outcome=%q}`, pod, outcome)
}

// ofOneSchedule are samples of every metric, of a schedule that is in trouble.
func ofOneSchedule() series {
	return with(suspended, series{
		of("overdue", ""):                             always(1),
		of("suspended", ""):                           always(0),
		of("consecutive_failures", ""):                always(2),
		of("condition", `,type="Stalled",reason="X"`): always(1),
		of("active_run_start_timestamp_seconds", ""):  always(3600),
		of("next_run_timestamp_seconds", ""):          always(7200),
		of("last_run_duration_seconds", ""):           always(12),
		of("last_run_warnings", ""):                   always(3),
		of("last_success_timestamp_seconds", ""):      always(60),
		of("last_run_count", `,count="bytesFreed"`):   always(5),
		of("last_run_count", `,count="filesChecked"`): always(5),
		of("missed_runs_total", `,reason="Overlap"`):  changing(0, day, 1),
		lastRun("Unknown"):                            always(0),
		runs("a", "Failed"):                           changing(0, day, 1),
	})
}

// ask is the answer to a query at a step.
func ask(t *testing.T, samples series, query string, at int) promql.Vector {
	t.Helper()
	storage := promqltest.LoadedStorage(t, loadOf(samples))
	defer storage.Close()
	engine := promqltest.NewTestEngine(t, false, 0, 100_000)
	asked, err := engine.NewInstantQuery(context.Background(), storage, nil, filled(query),
		time.Unix(0, 0).Add(time.Duration(at)*step))
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer asked.Close()
	vector, err := asked.Exec(context.Background()).Vector()
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return slices.Clone(vector)
}

// Each panel and each annotation has something to show of a schedule that is in trouble. A label that no series has
// must fail.
func TestEachQueryOfTheDashboardHasData(t *testing.T) {
	d, samples := readDashboard(t), ofOneSchedule()
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			if len(ask(t, samples, target.Expr, day+2)) == 0 {
				t.Errorf("%s: no data for %s", panel.Title, target.Expr)
			}
		}
	}
	for _, annotation := range d.Annotations.List {
		if got := ask(t, samples, annotation.Expr, day+2); len(got) != 1 || got[0].F != 60_000 ||
			got[0].Metric.Get("outcome") != "Succeeded" {
			t.Errorf("the annotation %s is %v", annotation.Name, got)
		}
	}
}

func (d dashboard) query(t *testing.T, title string) string {
	t.Helper()
	for _, panel := range d.Panels {
		if panel.Title == title {
			return panel.Targets[0].Expr
		}
	}
	t.Fatalf("no panel is called %s", title)
	return ""
}

// The first run of a schedule is shown, and so is one that ends while one controller goes and the next one comes: its
// series is another, and begins with what the first one did not have yet. The increase of each series alone must fail.
func TestTheDashboardShowsEachRunOnce(t *testing.T) {
	query := readDashboard(t).query(t, "Runs that ended, by outcome")
	for name, samples := range map[string]series{
		"the first run": {runs("a", "Failed"): changing(0, day, 1)},
		"during a change": {runs("a", "Failed"): fmt.Sprintf("4x%d stale", day-1),
			runs("b", "Failed"): fmt.Sprintf("stale _x%d 5x%d", day, steps-day-1)},
	} {
		var shown float64
		for at := day - 30; at < day+48; at += 12 { // an hour, as the interval
			for _, sample := range ask(t, samples, query, at) {
				shown += sample.F
			}
		}
		if shown < 0.9 || shown > 1.2 { // increase() extrapolates to the ends of its interval
			t.Errorf("%s: %v runs are shown, and there was 1", name, shown)
		}
	}
}

// Words stand for states, and each trouble leads to its runbook, which exists.
func TestTheDashboardHasWordsAndLinks(t *testing.T) {
	d, words, links := readDashboard(t), map[string]bool{}, readDashboard(t).links()
	for _, panel := range d.Panels {
		if len(panel.FieldConfig.Defaults.Mappings) > 0 {
			words[panel.Title] = true
		}
		for _, override := range panel.FieldConfig.Overrides {
			for _, property := range override.Properties {
				if property.ID == "mappings" {
					words[override.Matcher.Options] = true
				}
				if text, _ := json.Marshal(property.Value); property.ID == "links" && strings.Contains(string(text), "/explore?") {
					words["logs"] = true
				}
			}
		}
	}
	for _, what := range []string{"Result of the last run", "Result", "Overdue", "Stalled", "Suspended", "logs"} {
		if !words[what] {
			t.Errorf("%s has no words, or no link", what)
		}
	}
	if len(links) < 6 {
		t.Errorf("there are %d links only", len(links))
	}
	for _, link := range links {
		file, found := strings.CutPrefix(link.URL, "https://github.com/ucorefs/maintenance/blob/main/")
		file, _, _ = strings.Cut(file, "#")
		if _, err := os.Stat(filepath.Join(repository, filepath.FromSlash(file))); !found || err != nil {
			t.Errorf("%s leads to %s: %v", link.Title, link.URL, err)
		}
	}
}

// links are those of the dashboard and of its panels.
func (d dashboard) links() []dashboardLink {
	links := slices.Clone(d.Links)
	for _, panel := range d.Panels {
		links = append(links, panel.Links...)
	}
	return links
}
