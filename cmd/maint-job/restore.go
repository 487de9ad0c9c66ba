package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/restore"
	"ucorefs.io/maintenance/pkg/runner"
)

// restoring is the command line of `maint-job restore`.
type restoring struct {
	jobspec.Options
	run string // to undo
}

// restoreRun undoes one run from the journal, as a run of its own: with one result, as runTask has.
func restoreRun(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) int {
	r, err := parseRestore(args, env)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(out, "maint-job restore --run ID: %s\n\n%s", jobspec.RestoreTask().Summary, r.flags().FlagUsagesWrapped(100))
		return jobspec.ExitOK
	}
	if err != nil {
		return deliver(r.Options, runner.Refuse(r.Options, time.Now(), report.ReasonUsage, err), out, errs)
	}
	if err := readURI(&r.Options, env); err != nil {
		return deliver(r.Options, runner.Refuse(r.Options, time.Now(), report.ReasonConfiguration, err), out, errs)
	}
	log := logger(r.Options, errs)
	world := runner.World{Now: time.Now, Host: hostname(), Log: log, Progress: watch(errs, log)}
	return deliver(r.Options, runner.RunTask(ctx, r.Options, world, jobspec.RestoreTask(), restore.Task(r.run)), out, errs)
}

func (r *restoring) flags() *pflag.FlagSet {
	fs := pflag.NewFlagSet("maint-job restore", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	fs.StringVar(&r.run, "run", r.run, "the run to undo, as its result names it")
	r.AddRestoreFlags(fs)
	return fs
}

// parseRestore gives what it could read with an error, too, as parse does.
func parseRestore(args []string, env func(string) string) (restoring, error) {
	r := restoring{Options: jobspec.Defaults()}
	r.Task, r.RunID = jobspec.Restore, env(jobspec.EnvRunID)
	if err := misplacedURI(args); err != nil {
		r.Output = outputOf(args)
		return r, err
	}
	fs := r.flags()
	switch err := fs.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return r, err
	case err != nil:
		r.Output = outputOf(args)
		return r, fmt.Errorf("%w: maint-job restore --help shows all flags", err)
	case fs.NArg() > 0:
		return r, fmt.Errorf("%s: restore takes flags only: write --run=ID, and --dry-run=false with an equals sign", strings.Join(fs.Args(), " "))
	case r.run == "":
		return r, errors.New("which run? maint-job restore --run ID, where ID is what the run's result calls \"run\"")
	}
	return r, nil
}
