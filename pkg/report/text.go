package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ucorefs.io/maintenance/pkg/plaintext"
)

// Line is r in one line, for a log or a printer column.
func (r Result) Line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", r.Task, r.Outcome)
	if r.Reason != "" {
		fmt.Fprintf(&b, "/%s", r.Reason)
	}
	if r.DryRun {
		b.WriteString(" (dry run)")
	}
	for _, key := range r.countKeys() {
		fmt.Fprintf(&b, " %s=%d", key, r.Counts[key])
	}
	return plaintext.Line(b.String())
}

// Text is r as a small table for a terminal, ending in a newline.
func (r Result) Text() string {
	var b strings.Builder
	row := func(key, value string) { fmt.Fprintf(&b, "%-10s %s\n", key, plaintext.Line(value)) }
	row("task", r.Task)
	outcome := string(r.Outcome)
	if r.Reason != "" {
		outcome += " (" + string(r.Reason) + ")"
	}
	if r.DryRun {
		outcome += ", dry run: nothing was changed"
	}
	row("outcome", outcome)
	if r.Message != "" {
		row("message", r.Message)
	}
	if r.Library != "" {
		row("library", r.Library)
	}
	row("run", r.Run)
	row("took", r.took().String())
	if r.PlanDigest != "" {
		row("plan", r.PlanDigest)
	}
	r.writeLists(&b)
	return b.String()
}

func (r Result) writeLists(b *strings.Builder) {
	if len(r.Counts) > 0 {
		b.WriteString("\n")
	}
	width := 0
	for key := range r.Counts {
		width = max(width, len(key))
	}
	for _, key := range r.countKeys() {
		fmt.Fprintf(b, "  %-*s %d\n", width, plaintext.Line(key), r.Counts[key])
	}
	for _, list := range []struct {
		title string
		items []string
	}{{"warnings", r.Warnings}, {"for example", r.Sample}} {
		if len(list.items) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s:\n", list.title)
		for _, item := range list.items {
			fmt.Fprintf(b, "  %s\n", plaintext.Line(item))
		}
	}
}

// took is the duration that the result tells; 0 where what it tells is none.
func (r Result) took() time.Duration {
	const longest = 10 * 365 * 24 * time.Hour
	if !(r.DurationSeconds > 0 && r.DurationSeconds < longest.Seconds()) {
		return 0
	}
	return time.Duration(r.DurationSeconds * float64(time.Second)).Round(time.Millisecond)
}

func (r Result) countKeys() []string { return slices.Sorted(maps.Keys(r.Counts)) }
