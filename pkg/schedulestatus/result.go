// Package schedulestatus says in words what the status of a schedule holds: what is wrong, how a run ended, how far one
// is. The kubectl plugin and the dashboard both use it, so that they say the same.
//
// It is pure: a schedule in, text out. It must not format for a terminal or for HTML, and what others wrote stays as it
// is.
package schedulestatus

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// DryRun marks the result of a dry run.
const DryRun = "(dry run)"

// Outcome is an outcome, and whether it is that of a dry run.
func Outcome(run v1alpha1.RunSummary) string {
	if run.DryRun {
		return run.Outcome + " " + DryRun
	}
	return run.Outcome
}

// Result is an outcome with its reason.
func Result(run v1alpha1.RunSummary) string {
	if run.Reason != "" {
		run.Outcome += "/" + run.Reason
	}
	return Outcome(run)
}

// Progress says how far a run is, after a comma; empty where nobody knows.
func Progress(p *v1alpha1.RunProgress) string {
	if p == nil {
		return ""
	}
	words := fmt.Sprintf(", step %d, %s", p.Step, p.Name)
	if p.Percent != nil {
		words += fmt.Sprintf(", %d%%", *p.Percent)
	}
	if p.TimeLeft != "" {
		words += fmt.Sprintf(", %s left", p.TimeLeft)
	}
	if pace := Pace(p); pace != "" {
		words += ", " + pace
	}
	return words
}

// Pace says how fast a run goes, how fast it may go, and why it may not go faster; empty where nobody knows.
func Pace(p *v1alpha1.RunProgress) string {
	if p == nil || p.Throttle == "" {
		return ""
	}
	words := fmt.Sprintf("%d a second", p.PerSecond)
	if p.MaxPerSecond > 0 {
		words += fmt.Sprintf(" of at most %d", p.MaxPerSecond)
	}
	words += fmt.Sprintf(" (throttle %s)", p.Throttle)
	if p.SlowedBy != "" {
		words += ", slowed because " + p.SlowedBy
	}
	return words
}

// Figures are the counts that are not zero.
func Figures(counts map[string]int64) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		if counts[key] != 0 {
			all = append(all, fmt.Sprintf("%s=%d", key, counts[key]))
		}
	}
	return strings.Join(all, " ")
}
