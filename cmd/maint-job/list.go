package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// list prints the tasks of this release.
func list(out io.Writer) int {
	there := map[string]tasks.Task{}
	for _, t := range all.Tasks() {
		there[t.Name] = t
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TASK\tWHAT IT DOES")
	for _, t := range jobspec.Tasks() {
		if _, ok := there[t.Name]; ok {
			fmt.Fprintf(table, "%s\t%s\n", t.Name, t.Summary)
		}
	}
	table.Flush()
	return jobspec.ExitOK
}
