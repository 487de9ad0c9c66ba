package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"ucorefs.io/maintenance/hack/markdown"
	"ucorefs.io/maintenance/pkg/controller"
)

var described = regexp.MustCompile(`^Desc\{fqName: "(.*)", help: "(.*?)"(?:, unit: "[^"]*")?, constLabels: \{(.*)\}, variableLabels: \{(.*)\}\}$`)

// metrics is the page of the controller's own metrics, made of what they say of themselves.
func metrics() (string, error) {
	descriptions := make(chan *prometheus.Desc, 100)
	controller.NewMetrics(nil, nil).Describe(descriptions)
	controller.BuildInfo("").Describe(descriptions)
	close(descriptions)
	var rows []string
	for d := range descriptions {
		match := described.FindStringSubmatch(d.String())
		if match == nil {
			return "", fmt.Errorf("this describes no metric: %s", d)
		}
		rows = append(rows, markdown.Row(markdown.Code(match[1]), kind(match[1]), labels(match[4]), markdown.Cell(match[2])))
	}
	slices.Sort(rows)
	return `# Metrics

The controller serves them; runs live too briefly to be asked. The gauges come from the stored status, so that they are right after a
restart and gone with their schedule. Beside them are those of controller-runtime, client-go and the Go runtime.

` + markdown.Head("metric", "type", "labels", "what it is") + strings.Join(rows, ""), nil
}

func kind(metric string) string {
	if strings.HasSuffix(metric, "_total") {
		return "counter"
	}
	return "gauge"
}

func labels(list string) string {
	if list == "" {
		return "`version`, `goversion`"
	}
	return "`" + strings.ReplaceAll(list, ",", "`, `") + "`"
}
