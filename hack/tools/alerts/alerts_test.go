package alerts

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// of is the name of a schedule's metric, as Prometheus has it after it read the Service.
func of(metric string, labels string) string {
	return fmt.Sprintf(`maintenance_schedule_%s{namespace="ucorefs",service="maintenance-metrics",pod="a",schedule_namespace="media",schedule="nightly",task="verify-references"%s}`, metric, labels)
}

const controller = `maintenance_build_info{namespace="ucorefs",service="maintenance-metrics",pod="a",version="v1"}`

// healthy is what a schedule says that was made before the time begins, runs every night, and always well.
func healthy() series {
	samples := series{
		controller:                                       always(1),
		of("overdue", ""):                                always(0),
		of("suspended", ""):                              always(0),
		of("consecutive_failures", ""):                   always(0),
		of("active_deadline_seconds", ""):                always(3600),
		of("created_timestamp_seconds", ""):              always(-7 * 86400),
		of("last_run_timestamp_seconds", ""):             always(60),
		of("last_success_timestamp_seconds", ""):         always(-3600),
		of("active_run_start_timestamp_seconds", ""):     always(0),
		of("condition", `,type="Ready",reason="InSync"`): always(1),
	}
	for _, outcome := range []string{"Succeeded", "Partial", "Failed", "Refused", "Skipped", "Paused"} {
		samples[lastRun(outcome)] = always(0)
	}
	samples[lastRun("Succeeded")] = always(1)
	return samples
}

func broken(count string) string { return of("last_run_count", `,count="`+count+`"`) }

func lastRun(outcome string) string { return of("last_run", `,outcome="`+outcome+`"`) }

// failed is a schedule whose last runs ended so, from a step on.
func failed(outcome string, at int, runs int64) series {
	return series{
		lastRun("Succeeded"):           changing(1, at, 0),
		lastRun(outcome):               changing(0, at, 1),
		of("consecutive_failures", ""): changing(0, at, runs),
	}
}

func with(all ...series) series {
	samples := healthy()
	for _, some := range all {
		maps.Copy(samples, some)
	}
	return samples
}

const day = 24 * 12 // steps

var suspended = series{of("suspended", ""): always(1)}

// Each alert fires at its step and not before, and nothing else does. Seen to fail, each, with the threshold, the time
// or the exception of suspended schedules taken out of the rule.
func TestEachAlertFiresWhenItShouldAndOtherwiseIsSilent(t *testing.T) {
	alerts := rendered(t)
	nothing := map[int][]string(nil)
	from := func(step int, alert string) map[int][]string {
		return map[int][]string{step - 1: nil, step: {alert}, steps - 1: {alert}}
	}
	for name, c := range map[string]struct {
		samples series
		fires   map[int][]string // at these steps; nil: never
	}{
		"a healthy schedule": {with(), nothing},
		"one that was suspended long ago": {with(suspended, failed("Failed", day, 9), series{
			of("last_success_timestamp_seconds", ""): always(0)}), nothing},
		"one that was made an hour ago, and never ran": {with(series{
			of("created_timestamp_seconds", ""):      always((steps - 12) * 300),
			of("last_run_timestamp_seconds", ""):     always(0),
			of("last_success_timestamp_seconds", ""): always(0),
			lastRun("Succeeded"):                     always(0)}), nothing},
		"one that is two days old, and never ran": {with(series{
			of("created_timestamp_seconds", ""):      always(0),
			of("last_run_timestamp_seconds", ""):     always(0),
			of("last_success_timestamp_seconds", ""): always(0),
			lastRun("Succeeded"):                     always(0)}), nothing},
		"a new one whose first run failed": {with(failed("Failed", steps-5, 1), series{
			of("created_timestamp_seconds", ""):      always((steps - 12) * 300),
			of("last_success_timestamp_seconds", ""): always(0)}), nothing},
		"overdue": {with(series{of("overdue", ""): changing(0, day, 1)}),
			from(day+2, "MaintenanceOverdue nightly")},
		"overdue for a moment":       {with(series{of("overdue", ""): fmt.Sprintf("0x%d 1 0x%d", day-1, day)}), nothing},
		"failing":                    {with(failed("Failed", day, 1)), from(day+6, "MaintenanceFailing nightly")},
		"doing a part":               {with(failed("Partial", day, 1)), from(day+6, "MaintenanceFailing nightly")},
		"failing, and skipped since": {with(failed("Skipped", day, 1)), from(day+6, "MaintenanceFailing nightly")},
		"skipped":                    {with(failed("Skipped", day, 0)), nothing},
		"paused":                     {with(failed("Paused", day, 0)), nothing},
		"failed once, and right with the next run": {with(series{of("consecutive_failures", ""): fmt.Sprintf("0x%d 1x4 0x%d",
			day-1, day)}), nothing},
		"refused":               {with(failed("Refused", day, 1)), from(day, "MaintenanceRefused nightly")},
		"refused and suspended": {with(failed("Refused", day, 1), suspended), nothing},
		"never a success": {with(series{of("last_success_timestamp_seconds", ""): always(0),
			of("created_timestamp_seconds", ""): always(0)}), from(day+1+12, "MaintenanceNeverSucceeded nightly")},
		"a run that goes on for 45 minutes of an hour": {with(series{of("active_run_start_timestamp_seconds",
			""): fmt.Sprintf("0x%d %dx9 0x%d", day-1, day*300, day)}), nothing},
		"a run that goes on for an hour": {with(series{of("active_run_start_timestamp_seconds",
			""): fmt.Sprintf("0x%d %dx12 0x%d", day-1, day*300, day)}), map[int][]string{day + 9: nil,
			day + 10: {"MaintenanceRunningTooLong nightly"}, day + 14: nil}},
		"a run of six hours that may take ten": {with(series{of("active_run_start_timestamp_seconds",
			""): fmt.Sprintf("0x%d %dx72 0x%d", day-1, day*300, day), of("active_deadline_seconds", ""): always(36000)}),
			nothing},
		"broken references that grow": {with(series{broken("brokenTagRefs"): always(3), broken("brokenDirRefs"): changing(0,
			day, 2)}),
			map[int][]string{day - 1: nil, day: {"MaintenanceBrokenReferencesGrow nightly"},
				2*day - 1: {"MaintenanceBrokenReferencesGrow nightly"}, 2 * day: nil}},
		"broken references that become fewer": {with(series{broken("brokenTagRefs"): changing(3, day, 2)}), nothing},
		"more files":                          {with(series{broken("filesChecked"): changing(3, day, 2000)}), nothing},
		"stalled": {with(series{of("condition",
			`,type="Stalled",reason="InvalidSchedule"`): changing(0, day, 1)}), from(day+3, "MaintenanceStalled nightly")},
		"no controller": {with(series{controller: fmt.Sprintf("1x%d", day)}),
			from(day+3, "MaintenanceControllerDown")},
		"another release's controller only": {with(series{controller: fmt.Sprintf("1x%d", day),
			`maintenance_build_info{namespace="other",service="maintenance-metrics"}`: always(1)}),
			from(day+3, "MaintenanceControllerDown")},
		"another replica that takes over": {takeover(with(series{of("overdue", ""): always(1)})),
			map[int][]string{1: nil, 2: {"MaintenanceOverdue nightly"}, day: {"MaintenanceOverdue nightly"},
				day + 1: {"MaintenanceOverdue nightly"}, day + 2: {"MaintenanceOverdue nightly"}}},
	} {
		t.Run(name, func(t *testing.T) {
			fired := firing(t, alerts, c.samples)
			if c.fires == nil && len(fired) > 0 {
				first := slices.Min(slices.Collect(maps.Keys(fired)))
				t.Errorf("%v fires %s after the beginning", fired[first], time.Duration(first)*step)
			}
			for at, want := range c.fires {
				if !slices.Equal(fired[at], want) {
					t.Errorf("%s after the beginning %v fires, want %v", time.Duration(at)*step, fired[at], want)
				}
			}
		})
	}
}

// takeover has the first replica's series end after a day, and the second's begin.
func takeover(samples series) series {
	both := series{}
	for name, values := range samples {
		var value int64
		var times int
		if _, err := fmt.Sscanf(values, "%dx%d", &value, &times); err != nil || name == controller {
			both[name] = values
			continue
		}
		both[name] = fmt.Sprintf("%dx%d", value, day)
		both[replica(name)] = fmt.Sprintf("stale _x%d %dx%d", day, value, steps-day-1) // without a first sample the storage would take later times only
	}
	return both
}

func replica(name string) string {
	const first = `pod="a"`
	for i := range name {
		if len(name) >= i+len(first) && name[i:i+len(first)] == first {
			return name[:i] + `pod="b"` + name[i+len(first):]
		}
	}
	return name
}

// Every alert has what a person needs who is woken by it.
func TestEveryAlertSaysWhatItIsAndHasARunbook(t *testing.T) {
	alerts := rendered(t, "metrics.prometheusRule.runbookURL=https://example.com/runbooks/",
		"metrics.prometheusRule.alertLabels.team=media")
	if len(alerts) != 8 {
		t.Errorf("there are %d alerts", len(alerts))
	}
	for _, alert := range alerts {
		if alert.Annotations["summary"] == "" || alert.Annotations["description"] == "" || alert.Labels["severity"] == "" ||
			alert.Labels["team"] != "media" {
			t.Errorf("%s lacks a summary, a description, a severity or a label: %v %v", alert.Alert, alert.Annotations,
				alert.Labels)
		}
		if want := "https://example.com/runbooks/" + alert.Alert + ".md"; alert.Annotations["runbook_url"] != want {
			t.Errorf("%s: the runbook is %s, want %s", alert.Alert, alert.Annotations["runbook_url"], want)
		}
		if _, err := os.Stat(filepath.Join(repository, "docs", "runbooks", alert.Alert+".md")); err != nil {
			t.Errorf("%s: %v", alert.Alert, err)
		}
	}
}

// The runbooks are in the documentation, wherever that is. Without any, nothing leads to one.
func TestRunbooksAreWhereTheDocumentationIs(t *testing.T) {
	for _, alert := range rendered(t, "docsURL=https://wiki.example.com/docs/") {
		if got, want := alert.Annotations["runbook_url"], "https://wiki.example.com/docs/runbooks/"+alert.Alert+
			".md"; got != want {
			t.Errorf("the runbook is %s, want %s", got, want)
		}
	}
	for _, alert := range rendered(t, "docsURL=") {
		if got, there := alert.Annotations["runbook_url"]; there {
			t.Errorf("without documentation %s leads to %s", alert.Alert, got)
		}
	}
}

// Seen to fail for an alert that values.schema.json did not name.
func TestEachAlertCanBeLeftOut(t *testing.T) {
	all := rendered(t)
	for _, left := range all {
		t.Run(left.Alert, func(t *testing.T) {
			others := rendered(t, "metrics.prometheusRule.disabled={"+left.Alert+"}")
			if len(others) != len(all)-1 {
				t.Errorf("of %d alerts, %d are left", len(all), len(others))
			}
			for _, other := range others {
				if other.Alert == left.Alert {
					t.Error("it is there")
				}
			}
		})
	}
}
