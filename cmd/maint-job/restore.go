package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/restore"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks"
)

// restore undoes one run from the journal, as a run of its own.
func (s *session) restore() *cobra.Command {
	o := s.options()
	o.Task = jobspec.Restore
	cmd := s.reporting(&cobra.Command{
		Use:   "restore --run ID",
		Short: "Put back what a run deleted or shortened",
		Long:  "Put back what a run deleted or shortened; what was written since is left alone.",
	}, o)
	undone := cmd.Flags().String("run", "", "the run to undo, as its result names it")
	o.AddOwnRunFlags(cmd.Flags())
	cmd.Run = func(cmd *cobra.Command, args []string) {
		switch {
		case len(args) > 0:
			s.refuse(*o, report.ReasonUsage, fmt.Errorf("%s is one too many: restore takes flags only, write --run=ID%s",
				strings.Join(args, " "), boolHint(args)))
		case *undone == "":
			s.refuse(*o, report.ReasonUsage, errors.New(
				"which run? maint-job restore --run ID, where ID is what the run's result calls \"run\""))
		default:
			s.runOwn(cmd.Context(), *o, restore.Task(*undone))
		}
	}
	return cmd
}

// runOwn does a task that is none of jobspec.Tasks.
func (s *session) runOwn(ctx context.Context, o jobspec.Options, task tasks.Task) {
	if err := readURI(&o, s.env); err != nil {
		s.refuse(o, report.ReasonConfiguration, err)
		return
	}
	declared, err := readLibrary(o.Library)
	if err != nil {
		s.refuse(o, report.ReasonConfiguration, oneLine(err))
		return
	}
	log := logger(o, s.errs)
	world := runner.World{
		Library: declared, Now: time.Now, Host: hostname(), Random: random(), Log: log, Progress: watch(s.errs, log),
	}
	s.deliver(o, runner.RunTask(ctx, o, world, task))
}
