package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/check"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/tasks/all"
)

const checkUsage = `maint-job check [flags]

Says in one screen whether an installation will work: the server, the library and its collections, the folders, and what each task
lacks. It changes nothing. Exit code 0: ready; 78: not.`

// checkFlags are those of maint-job check.
func checkFlags(o *jobspec.Options) *pflag.FlagSet {
	fs := pflag.NewFlagSet("maint-job check", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	o.Timeout = 30 * time.Second
	addConnectionFlags(fs, o)
	fs.StringVar(&o.Library, "library", "", "declaration of the library: "+strings.Join(builtIn(), ", ")+" or a YAML file (default: detected)")
	fs.StringArrayVar(&o.LibraryRoots, "library-root", nil, "folder that holds library files (repeatable)")
	fs.StringArrayVar(&o.CacheDirs, "cache-dir", nil, "cache folder (repeatable)")
	fs.StringVar(&o.LogDir, "log-dir", "", "folder that holds *.log files")
	fs.StringVar(&o.IndexDir, "index-dir", "", "folder that holds the FAISS index files")
	fs.StringVarP(&o.Output, "output", "o", o.Output, "text or json")
	return fs
}

// checkInstallation prints what is there and what is missing.
func checkInstallation(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) int {
	o := jobspec.Defaults()
	fs := checkFlags(&o)
	switch err := fs.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(out, "%s\n\n%s", checkUsage, fs.FlagUsages())
		return jobspec.ExitOK
	case err != nil:
		return complain(errs, fmt.Errorf("%w; maint-job check --help shows all flags", err))
	case fs.NArg() > 0:
		return complain(errs, fmt.Errorf("%s is one too many: maint-job check takes flags only", strings.Join(fs.Args(), " ")))
	}
	o.Task = jobspec.VerifyReferences // any: Validate wants one
	if err := o.Validate(); err != nil {
		return complain(errs, err)
	}
	report, err := checked(ctx, o, env, errs)
	if err != nil {
		fmt.Fprintln(errs, "maint-job:", err)
		return jobspec.ExitConfig
	}
	if o.Output == jobspec.OutputJSON {
		fmt.Fprintf(out, "%s\n", report.JSON())
	} else {
		fmt.Fprint(out, report.Text())
	}
	if !report.Ready {
		return jobspec.ExitConfig
	}
	return jobspec.ExitOK
}

func checked(ctx context.Context, o jobspec.Options, env func(string) string, errs io.Writer) (check.Report, error) {
	declared, err := readLibrary(o.Library)
	if err != nil {
		return check.Report{}, err
	}
	db, err := connect(ctx, &o, env, errs)
	if err != nil {
		return check.Report{}, err
	}
	defer closeSoon(ctx, db)
	facts, err := check.Gather(ctx, db.Reader(), o, declared, all.Tasks())
	return check.Make(facts), err
}
