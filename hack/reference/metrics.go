package main

import (
	"errors"
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
	var rows []string
	for _, f := range controller.Families() {
		names := slices.Sorted(slices.Values(append(controller.ScheduleLabels(), f.Labels...)))
		rows = append(rows, markdown.Row(markdown.Code(f.Name), f.Kind, labels(strings.Join(names, ",")),
			markdown.Cell(f.Help)))
	}
	descriptions := make(chan *prometheus.Desc, 1)
	controller.BuildInfo("").Describe(descriptions)
	match := described.FindStringSubmatch((<-descriptions).String())
	if match == nil {
		return "", errors.New("the build's metric does not describe itself")
	}
	rows = append(rows, markdown.Row(markdown.Code(match[1]), "gauge", labels(match[4]), markdown.Cell(match[2])))
	slices.Sort(rows)
	return `# Metrics

The controller serves them; runs live too briefly to be asked. They come from the stored status, so that they are right after a restart and
gone with their schedule. Each counter begins at 0. Beside them are those of controller-runtime, client-go and the Go runtime.

The counters go on where they were if another replica takes over, but as other series, since the label pod differs. Take the
largest of the series first, and then the increase, as the dashboard does:

    increase(max by (schedule_namespace, schedule, task, outcome) (maintenance_runs_total)[1h:])

` + markdown.Head("metric", "type", "labels", "what it is") + strings.Join(rows, ""), nil
}

func labels(list string) string {
	if list == "" {
		return "`version`, `goversion`"
	}
	return "`" + strings.ReplaceAll(list, ",", "`, `") + "`"
}
