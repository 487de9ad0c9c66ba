package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
)

// errReported ends a command whose result says already what is wrong with its flags.
var errReported = errors.New("the result says it")

// options are the defaults with what the environment says.
func (s *session) options() *jobspec.Options {
	o := jobspec.Defaults()
	o.RunID = s.env(jobspec.EnvRunID)
	if index, err := strconv.Atoi(s.env(jobspec.EnvIndex)); err == nil {
		o.Index = index
	}
	return &o
}

// reporting is a command that gives one result in all the places where a result goes, whatever is wrong, the command
// line included.
func (s *session) reporting(cmd *cobra.Command, o *jobspec.Options) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.Flags().SortFlags = false
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if o.Task == "" {
			o.Task = cmd.Flags().Arg(0)
		}
		o.Output = outputOf(s.args)
		s.refuse(*o, report.ReasonUsage, hinted(cmd, err))
		return errReported
	})
	return cmd
}

// misplaced refuses a connection string where none belongs, before anything of the command line is read.
func (s *session) misplaced(err error) int {
	if s.args[0] != "run" && s.args[0] != jobspec.Restore {
		return complain(s.errs, err)
	}
	o := s.options()
	o.Output = outputOf(s.args)
	if s.args[0] == jobspec.Restore {
		o.Task = jobspec.Restore
	}
	s.refuse(*o, report.ReasonUsage, err)
	return s.code
}

// outputOf is the --output of arguments that cannot be parsed, since parsing stops at the first mistake.
func outputOf(args []string) string {
	for i, arg := range args {
		if arg == "--output="+jobspec.OutputJSON || arg == "--output" && i+1 < len(args) && args[i+1] == jobspec.OutputJSON {
			return jobspec.OutputJSON
		}
	}
	return jobspec.OutputText
}

// refuse delivers the result of a run that could not begin.
func (s *session) refuse(o jobspec.Options, reason report.Reason, err error) {
	s.deliver(o, runner.Refuse(o, runner.World{Now: time.Now, Random: random()}, reason, err))
}

// deliver writes the result where it belongs and turns it into the exit code.
func (s *session) deliver(o jobspec.Options, r report.Result) {
	if o.Output == jobspec.OutputJSON {
		fmt.Fprintf(s.out, "%s\n", r.JSON())
	} else {
		fmt.Fprint(s.out, r.Text())
	}
	if err := writeTerminationLog(o.TerminationLog, r.Termination()); err != nil {
		fmt.Fprintln(s.errs, "maint-job: the termination log was not written:", err)
	}
	if s.code = r.ExitCode(); o.Helps() {
		s.code = jobspec.ExitOK // the process that leads does without; a Job must not fail for it
	}
}

// writeTerminationLog writes the file that the kubelet made, and makes none.
func writeTerminationLog(path string, content []byte) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
