package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"ucorefs.io/maintenance/hack/markdown"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// writeTables writes the tables of tasks and of parameters into the pages that have a place for them.
func writeTables(tasks []jobspec.Task) error {
	errs := []error{
		replace("README.md", "tasks", taskCounts(tasks)),
		replace("docs/tasks/README.md", "tasks", taskIntervals(tasks)),
	}
	for _, t := range tasks {
		errs = append(errs, replace("docs/tasks/"+t.Name+".md", "parameters", parameters(t)))
	}
	return errors.Join(errs...)
}

// replace writes a text between the two comments of a page that name its place.
func replace(page, place, text string) error {
	begin, end := "<!-- "+place+": written by make generate -->\n", "<!-- end of "+place+" -->\n"
	old, err := os.ReadFile(page)
	if err != nil {
		return fmt.Errorf("each task has a page, with the headings of the other pages: %w", err)
	}
	before, rest, begins := strings.Cut(string(old), begin)
	_, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for its %s: write these two lines where the table belongs:\n%s%s",
			page, place, begin, end)
	}
	return os.WriteFile(page, []byte(before+begin+text+end+after), 0o644)
}

// taskCounts is the table of what each task does and counts.
func taskCounts(tasks []jobspec.Task) string {
	table := markdown.Head("task", "what it does", "it reports")
	for _, t := range tasks {
		table += markdown.Row(markdown.Code(t.Name), markdown.Cell(t.Summary), markdown.Code(strings.Join(t.Counts, " ")))
	}
	return table
}

// taskIntervals is the table of what each task does and how often people run it.
func taskIntervals(tasks []jobspec.Task) string {
	table := markdown.Head("task", "what it does", "how often people run it")
	for _, t := range tasks {
		table += markdown.Row(fmt.Sprintf("[%s](%[1]s.md)", t.Name), markdown.Cell(t.Summary), t.Interval)
	}
	return table
}

// parameters is the table of what only some tasks take.
func parameters(t jobspec.Task) string {
	rows := parameterRows(t) + folderRows(t) + limitRows(t)
	if rows == "" {
		return "None of its own.\n"
	}
	return markdown.Head("in the schedule", "as a flag", "default", "what it means") + rows
}

func parameterRows(t jobspec.Task) (rows string) {
	for _, p := range t.Parameters {
		value := p.Quantity()
		switch p.Kind() {
		case jobspec.Switch:
			value = "false"
		case jobspec.PathMap:
			value = "none"
		}
		rows += markdown.Row(markdown.Code(t.Member()+"."+p.Field), markdown.Code("--"+p.Flag), value, markdown.Cell(p.Words))
	}
	return rows
}

func folderRows(t jobspec.Task) (rows string) {
	for _, flag := range t.Folders {
		folder := jobspec.FolderByFlag(flag)
		use := "`volumes` with `use: " + folder.Use + "`"
		rows += markdown.Row(use, markdown.Code("--"+flag), "the chart's", markdown.Cell(folder.Words))
	}
	return rows
}

func limitRows(t jobspec.Task) (rows string) {
	for _, limit := range jobspec.LimitFlags() {
		if slices.Contains(t.Limits, limit.Flag) {
			field, flag := markdown.Code("limits."+limit.Field), markdown.Code("--"+limit.Flag)
			rows += markdown.Row(field, flag, defaultOfLimit(limit), markdown.Cell(limit.Words))
		}
	}
	return rows
}

func defaultOfLimit(limit jobspec.LimitFlag) string {
	if limit.Default == "" {
		return "none"
	}
	return strings.TrimSuffix(limit.Default, "0m0s")
}
