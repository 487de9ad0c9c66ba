package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/progress"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/runner"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

// runTask does one task: whatever is wrong, the command line included, becomes one result in all the places where a result goes.
func runTask(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) int {
	o, err := parse(args, env)
	if errors.Is(err, pflag.ErrHelp) {
		help(out, o)
		return jobspec.ExitOK
	}
	if err != nil {
		return deliver(o, runner.Refuse(o, time.Now(), report.ReasonUsage, err), out, errs)
	}
	if err := readURI(&o, env); err != nil {
		return deliver(o, runner.Refuse(o, time.Now(), report.ReasonConfiguration, err), out, errs)
	}
	declared, err := readLibrary(o.Library)
	if err != nil {
		return deliver(o, runner.Refuse(o, time.Now(), report.ReasonConfiguration, err), out, errs)
	}
	log := logger(o, errs)
	seen := watch(errs, log)
	defer serveProgress(o.ProgressAddress, seen, log)()
	result := runner.Run(ctx, o, runner.World{
		Tasks: all.Tasks(), Library: declared, Now: time.Now, Host: hostname(), Log: log, Progress: seen,
	})
	return deliver(o, result, out, errs)
}

// parse reads the arguments of run. What it could read comes back with an error, too, so that the error can be reported where
// the arguments say.
func parse(args []string, env func(string) string) (jobspec.Options, error) {
	o := jobspec.Defaults()
	o.RunID = env(jobspec.EnvRunID)
	if err := misplacedURI(args); err != nil {
		o.Output = outputOf(args)
		return o, err
	}
	fs := pflag.NewFlagSet("maint-job run", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	o.AddFlags(fs)
	err := fs.Parse(args)
	if fs.NArg() > 0 {
		o.Task = fs.Arg(0)
	}
	switch {
	case err != nil && !errors.Is(err, pflag.ErrHelp):
		o.Output = outputOf(args)
		return o, fmt.Errorf("%w: maint-job run TASK --help shows all flags", err)
	case err != nil:
		return o, err
	case fs.NArg() == 0:
		return o, errors.New("which task? maint-job run TASK; `maint-job list` shows them")
	case fs.NArg() > 1:
		return o, fmt.Errorf("one task at a time: %s is one too many", strings.Join(fs.Args()[1:], " "))
	}
	return o, nil
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

func help(out io.Writer, o jobspec.Options) {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	fs.SortFlags = false
	defaults := jobspec.Defaults()
	defaults.AddFlags(fs)
	if t, err := jobspec.TaskByName(o.Task); err == nil {
		fmt.Fprintf(out, "maint-job run %s: %s\n\n", t.Name, t.Summary)
	} else {
		fmt.Fprintf(out, "maint-job run TASK [flags]: do one task; `maint-job list` shows them\n\n")
	}
	fmt.Fprint(out, fs.FlagUsagesWrapped(100))
}

// deliver writes the result where it belongs and turns it into the exit code.
func deliver(o jobspec.Options, r report.Result, out, errs io.Writer) int {
	if o.Output == jobspec.OutputJSON {
		fmt.Fprintf(out, "%s\n", r.JSON())
	} else {
		fmt.Fprint(out, r.Text())
	}
	if err := writeTerminationLog(o.TerminationLog, r.Termination()); err != nil {
		fmt.Fprintln(errs, "maint-job: the termination log was not written:", err)
	}
	return r.ExitCode()
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

func logger(o jobspec.Options, errs io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(o.LogLevel)) // a wrong level is refused by Validate; until then it is info
	options := &slog.HandlerOptions{Level: level}
	if o.LogFormat == jobspec.LogJSON {
		return slog.New(slog.NewJSONHandler(errs, options))
	}
	return slog.New(slog.NewTextHandler(errs, options))
}

// watch shows progress as a bar where standard error is a terminal, else as log lines.
func watch(errs io.Writer, log *slog.Logger) *progress.Progress {
	out := progress.Output{Log: log, Now: time.Now}
	if f, ok := errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		out.Terminal = f
		out.Width, _, _ = term.GetSize(int(f.Fd()))
	}
	return progress.New(out)
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown host"
	}
	return name
}
