package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// list prints the tasks of this release.
func (s *session) list() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "Show the tasks", Args: noArguments, Run: func(*cobra.Command, []string) {
		s.writeTasks()
	}}
}

func (s *session) writeTasks() {
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TASK\tWHAT IT DOES")
	for _, t := range released() {
		fmt.Fprintf(table, "%s\t%s\n", t.Name, t.Summary)
	}
	table.Flush()
}

// released are the declarations of the tasks of this release, in the order of the documentation.
func released() (declared []jobspec.Task) {
	for _, t := range all.Tasks() {
		declared = append(declared, t.Task)
	}
	return declared
}
