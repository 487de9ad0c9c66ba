package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/memlimit"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// runTask does one task.
func (s *session) runTask() *cobra.Command {
	o := s.options()
	cmd := s.reporting(&cobra.Command{Use: "run TASK", Short: "Do one task", ValidArgsFunction: taskNames}, o)
	o.AddFlags(cmd.Flags())
	cmd.SetHelpFunc(s.helpOfRun)
	cmd.Run = func(cmd *cobra.Command, args []string) {
		o.Task = append(args, "")[0]
		switch {
		case len(args) == 0:
			s.refuse(*o, report.ReasonUsage, errors.New("which task? maint-job run TASK; `maint-job list` shows them"))
		case len(args) > 1:
			s.refuse(*o, report.ReasonUsage, fmt.Errorf("one task at a time: %s is one too many%s",
				strings.Join(args[1:], " "), boolHint(args)))
		default:
			if err := checkFlags(cmd.Flags(), o.Task); err != nil {
				s.refuse(*o, report.ReasonUsage, err)
				return
			}
			s.work(cmd.Context(), *o)
		}
	}
	return cmd
}

// checkFlags refuses a flag that only another task has. A task that does not exist is refused later.
func checkFlags(fs *pflag.FlagSet, task string) error {
	t, err := jobspec.TaskByName(task)
	if err != nil {
		return nil
	}
	var wrong []error
	fs.Visit(func(f *pflag.Flag) { wrong = append(wrong, t.CheckFlag(f.Name)) })
	return errors.Join(wrong...)
}

// runsTask tells whether a command's argument is a task.
func runsTask(cmd *cobra.Command) bool { return cmd.Name() == "run" }

// work completes the options with what files and the environment hold, and runs the task.
func (s *session) work(ctx context.Context, o jobspec.Options) {
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
	seen := watch(s.errs, log)
	defer serveProgress(o.ProgressAddress, seen, log)()
	s.deliver(o, runner.Run(ctx, o, runner.World{
		Tasks: all.Tasks(), Library: declared, Now: time.Now, Host: hostname(), Random: random(), Log: log, Progress: seen,
		Memory: memlimit.Current(),
	}))
}

// helpOfRun shows the flags that matter to a task, or all.
func (s *session) helpOfRun(cmd *cobra.Command, _ []string) {
	t, err := jobspec.TaskByName(cmd.Flags().Arg(0))
	if err == nil {
		fmt.Fprintf(s.out, "maint-job run %s: %s\n", t.Name, t.Summary)
	} else {
		fmt.Fprint(s.out, "maint-job run TASK [flags]: do one task; with --help, show only the flags that matter to it\n\n")
		s.writeTasks()
	}
	for _, group := range jobspec.FlagGroups(t) {
		fmt.Fprintf(s.out, "\n%s:\n%s", group.Title, group.Flags.FlagUsagesWrapped(100))
	}
}

// taskNames are the tasks, for the shell.
func taskNames(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
	if len(args) == 0 {
		for _, t := range released() {
			names = append(names, cobra.CompletionWithDesc(t.Name, t.Summary))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
