package alerts

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// ofTarget are the labels that Prometheus gives to what it reads.
var ofTarget = []string{"namespace", "service", "pod", "job", "instance"}

// registered are the labels of the metrics that the controller registers, by name, as the page that is made of them
// says.
func registered(t *testing.T) map[string][]string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(repository, "docs", "reference", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	metrics := map[string][]string{}
	word := regexp.MustCompile("`([a-z_]+)`")
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| `") {
			for _, match := range word.FindAllStringSubmatch(cells[2], -1) {
				metrics[strings.Trim(cells[0], "| `")] = append(metrics[strings.Trim(cells[0], "| `")], match[1])
			}
		}
	}
	if len(metrics) < 15 {
		t.Fatalf("the page has %d metrics", len(metrics))
	}
	return metrics
}

// check says what a query names that is not registered. Grafana's variables are replaced by what it would put there.
func check(t *testing.T, where, query string, metrics map[string][]string) {
	t.Helper()
	query = filled(query)
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		t.Errorf("%s: %v\n%s", where, err, query)
		return
	}
	var known, used []string
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			if metrics[n.Name] == nil {
				t.Errorf("%s: no metric is called %s", where, n.Name)
			}
			known = append(known, metrics[n.Name]...)
			for _, m := range n.LabelMatchers {
				if m.Name != labels.MetricName && !slices.Contains(slices.Concat(metrics[n.Name], ofTarget), m.Name) {
					t.Errorf("%s: %s has no label %s", where, n.Name, m.Name)
				}
			}
		case *parser.AggregateExpr:
			used = append(used, n.Grouping...)
		}
		return nil
	})
	for _, label := range used {
		if !slices.Contains(known, label) {
			t.Errorf("%s: groups by %s, which no metric in it has", where, label)
		}
	}
}

// Seen to fail for a metric and for a label that were misspelt.
func TestTheRulesNameMetricsThatAreRegistered(t *testing.T) {
	metrics := registered(t)
	for _, alert := range rendered(t) {
		check(t, alert.Alert, alert.Expr, metrics)
	}
}
