package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/manifests"
)

// convert prints the schedules of a config.json.
func convert(args []string, in io.Reader, out, errs io.Writer) int {
	var f manifests.Flags
	fs := conversionFlags(&f)
	switch err := fs.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(out, "%s\n\n%s", convertUsage, fs.FlagUsages())
		return jobspec.ExitOK
	case err != nil:
		return complain(errs, fmt.Errorf("%w; maint-job manifests --help shows all flags", err))
	}
	if err := complete(&f, fs.Args()); err != nil {
		return complain(errs, err)
	}
	config, err := f.Read(in)
	if err != nil {
		return complain(errs, err)
	}
	schedules, wrong := manifests.Convert(config, f.Options)
	if wrong != nil {
		complain(errs, wrong)
	}
	if wrong == nil || f.KeepGoing {
		if err := manifests.Write(out, schedules); err != nil {
			fmt.Fprintln(errs, "maint-job:", err)
			return jobspec.ExitInternal
		}
		for _, advice := range f.Advice(schedules) {
			fmt.Fprintln(errs, "maint-job:", advice)
		}
	}
	switch {
	case wrong == nil:
		return jobspec.ExitOK
	case f.KeepGoing:
		fmt.Fprintf(errs, "maint-job: schedules that came out: %d; those with an error did not\n", len(schedules))
	case len(schedules) > 0:
		fmt.Fprintln(errs, "maint-job: nothing came out; --keep-going prints the schedules that are right")
	}
	return jobspec.ExitBadData
}

const convertUsage = `maint-job manifests -f config.json | kubectl apply -f -

Prints the schedules of a UCore FS config.json as MaintenanceSchedules: those of its section maintenance or, if it has
none, those that UCore FS has by default. What the flags leave out comes from the chart's values.`

// conversionFlags are those of `maint-job manifests`.
func conversionFlags(f *manifests.Flags) *pflag.FlagSet {
	fs := pflag.NewFlagSet("maint-job manifests", pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	f.Add(fs)
	fs.StringVarP(&f.Options.Namespace, "namespace", "n", "", "namespace of the schedules (default: kubectl's)")
	fs.BoolVar(&f.Options.DryRun, "dry-run", false, "print schedules that only plan and report")
	return fs
}

// complete checks what was parsed.
func complete(f *manifests.Flags, rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%s is one too many: name the file with -f", strings.Join(rest, " "))
	case f.File == "":
		return errors.New("which file? maint-job manifests -f config.json, or -f - for standard input")
	}
	return f.Complete()
}
