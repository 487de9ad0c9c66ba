package controller

import (
	"regexp"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/plaintext"
	"ucorefs.io/maintenance/pkg/report"
)

// sanitizedResult is what a result says of its run, as far as it may stand in a status.
func sanitizedResult(r report.Result) v1alpha1.RunResult {
	result := v1alpha1.RunResult{
		RunSummary: v1alpha1.RunSummary{Outcome: string(r.Outcome), Reason: word(r.Reason),
			Message: inFields(sentenceOf(r.Message)), DryRun: r.DryRun, Counts: figures(r.Counts)},
		Sample: each(r.Sample, sentenceOf), Warnings: each(each(r.Warnings, sentenceOf), inFields),
	}
	if libraryName.MatchString(r.Library) {
		result.Library = r.Library
	}
	if digest.MatchString(r.PlanDigest) {
		result.PlanDigest = r.PlanDigest
	}
	return result
}

// longest is more than any run takes: spec.activeDeadline is far less.
const longest = 10 * 365 * 24 * time.Hour

// took is how long a run took: as it says itself, which is finer, if that can be, else by Kubernetes' times; never less
// than nothing.
func took(r report.Result, run v1alpha1.RunSummary) time.Duration {
	if seconds := r.DurationSeconds; seconds > 0 && seconds < longest.Seconds() {
		return time.Duration(seconds * float64(time.Second)).Round(100 * time.Millisecond)
	}
	if run.StartedAt == nil || run.FinishedAt == nil {
		return 0
	}
	return min(max(run.FinishedAt.Sub(run.StartedAt.Time), 0), longest)
}

// scheme is how a connection string begins; examples are what maint-job itself writes of one, which is no secret.
var (
	scheme   = regexp.MustCompile(`(?i)mongodb(\+srv)?:`)
	examples = regexp.MustCompile(`^(mongodb(\+srv)?://USER:PASSWORD@HOST|` +
		`mongodb:// or mongodb\+srv://; write |mongodb\+srv://; write )`)
)

// sentenceOf is a text in one line that a terminal shows as it is, up to a connection string. maint-job writes none; a
// job of another kind might.
func sentenceOf(text string) string {
	text = plaintext.Line(text)
	for _, at := range scheme.FindAllStringIndex(text, -1) {
		if !examples.MatchString(text[at[0]:]) {
			return text[:at[0]] + "(a connection string, left out)"
		}
	}
	return text
}

func each(texts []string, change func(string) string) (changed []string) {
	for _, text := range texts {
		changed = append(changed, change(text))
	}
	return changed
}

// What a result may hold besides sentences. Anything else was not written by maint-job, may be anything, and is left
// out.
var (
	digest      = regexp.MustCompile(`^[0-9a-f]{1,64}$`)
	libraryName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	countName   = regexp.MustCompile(`^[a-z][A-Za-z]{0,63}$`)
)

// figures are the counts that have a name as the tasks have them.
func figures(counts report.Counts) report.Counts {
	for name := range counts {
		if !countName.MatchString(name) {
			delete(counts, name)
		}
	}
	return counts
}

var conditionReason = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,127}$`)

// word is the reason if a condition may carry it: one bad message must not make every later status write fail.
func word(reason report.Reason) string {
	if conditionReason.MatchString(string(reason)) {
		return string(reason)
	}
	return ""
}
