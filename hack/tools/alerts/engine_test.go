package alerts

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
	"sigs.k8s.io/yaml"
)

const repository = "../../.."

// rendered is the PrometheusRule's spec of a release called maintenance in the namespace ucorefs, as rulefmt reads it.
func rendered(t *testing.T, values ...string) []rulefmt.Rule {
	t.Helper()
	helm := filepath.Join(os.Getenv("TOOLS_BIN"), "helm")
	if os.Getenv("TOOLS_BIN") == "" {
		helm = filepath.Join(repository, ".tools", "bin", "helm")
	}
	if _, err := os.Stat(helm); err != nil {
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatalf("helm is missing: run hack/tools/build.sh helm: %v", err)
		}
		t.Skip("helm is missing: run hack/tools/build.sh helm")
	}
	args := []string{"template", "maintenance", filepath.Join(repository, "charts", "maintenance"), "--namespace",
		"ucorefs",
		"--show-only", "templates/prometheusrule.yaml", "--set", "metrics.prometheusRule.create=true", "--set",
		"images.registry=registry.example.com/ucorefs"}
	for _, value := range values {
		args = append(args, "--set", value)
	}
	out, err := exec.Command(helm, args...).Output()
	if err != nil {
		t.Fatalf("helm %v: %v", args, err)
	}
	var object struct{ Spec map[string]any }
	if err := yaml.Unmarshal(out, &object); err != nil {
		t.Fatal(err)
	}
	spec, err := yaml.Marshal(object.Spec)
	if err != nil {
		t.Fatal(err)
	}
	groups, errs := rulefmt.Parse(spec, false, model.UTF8Validation, parser.NewParser(parser.Options{}),
		slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatalf("the rules are wrong: %v", errs)
	}
	return groups.Groups[0].Rules
}

const (
	step  = 5 * time.Minute
	steps = 3 * 24 * 12 // three days
)

// series are the samples of a metric with its labels, one each step, as promqltest reads them.
type series map[string]string

// always is a series of one value; until and then changes it at a step.
func always(v int64) string { return fmt.Sprintf("%dx%d", v, steps) }

func changing(before int64, at int, after int64) string {
	return fmt.Sprintf("%dx%d %dx%d", before, at-1, after, steps-at)
}

// loadOf is the command by which promqltest reads samples.
func loadOf(samples series) string {
	var load strings.Builder
	fmt.Fprintf(&load, "load %s\n", step)
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		fmt.Fprintf(&load, "  %s %s\n", name, samples[name])
	}
	return load.String()
}

// firing are the alerts that fire at each step, with their schedule where they have one.
func firing(t *testing.T, alerts []rulefmt.Rule, samples series) map[int][]string {
	t.Helper()
	storage := promqltest.LoadedStorage(t, loadOf(samples))
	t.Cleanup(func() { storage.Close() })
	query := rules.EngineQueryFunc(promqltest.NewTestEngine(t, false, 0, 100_000), storage)
	var loaded []*rules.AlertingRule
	for _, rule := range alerts {
		loaded = append(loaded, loadRule(t, rule))
	}
	fired := map[int][]string{}
	for at := range steps {
		for _, rule := range loaded {
			if _, err := rule.Eval(context.Background(), 0, time.Unix(0, 0).Add(time.Duration(at)*step), query, nil,
				0); err != nil {
				t.Fatalf("%s: %v", rule.Name(), err)
			}
			for _, alert := range rule.ActiveAlerts() {
				if alert.State == rules.StateFiring {
					fired[at] = append(fired[at], strings.TrimSpace(rule.Name()+" "+alert.Labels.Get("schedule")))
				}
			}
		}
	}
	return fired
}

func loadRule(t *testing.T, rule rulefmt.Rule) *rules.AlertingRule {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(rule.Expr)
	if err != nil {
		t.Fatalf("%s: %v", rule.Alert, err)
	}
	return rules.NewAlertingRule(rule.Alert, expr, time.Duration(rule.For), 0, labels.FromMap(rule.Labels),
		labels.FromMap(rule.Annotations),
		labels.EmptyLabels(), "", true, slog.New(slog.DiscardHandler))
}
