package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/manifests"
)

// manifests prints the schedules of a config.json.
func (s *session) manifests() *cobra.Command {
	var f manifests.Flags
	cmd := &cobra.Command{
		Use:   "manifests -f config.json",
		Short: "Print the schedules of a UCore FS config.json, for kubectl",
		Long: "Print the schedules of a UCore FS config.json as MaintenanceSchedules: those of its section " +
			"maintenance or,\n" +
			"if it has none, those that UCore FS has by default. What the flags leave out comes from the chart's values.\n\n" +
			"  maint-job manifests -f config.json | kubectl apply -f -",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := complete(&f, args); err != nil {
				return err
			}
			config, err := f.Read(s.in)
			if err != nil {
				return err
			}
			s.code = s.convert(config, f)
			return nil
		},
	}
	cmd.Flags().SortFlags = false
	f.Add(cmd.Flags())
	cmd.Flags().StringVarP(&f.Options.Namespace, "namespace", "n", "", "namespace of the schedules (default: kubectl's)")
	cmd.Flags().BoolVar(&f.Options.DryRun, "dry-run", false, "print schedules that only plan and report")
	return cmd
}

// convert prints what is right, if all is or if that was asked for.
func (s *session) convert(config []byte, f manifests.Flags) int {
	schedules, wrong := manifests.Convert(config, f.Options)
	if wrong != nil {
		complain(s.errs, wrong)
	}
	if wrong == nil || f.KeepGoing {
		if err := manifests.Write(s.out, schedules); err != nil {
			fmt.Fprintln(s.errs, "maint-job:", err)
			return jobspec.ExitInternal
		}
		for _, advice := range f.Advice(schedules) {
			fmt.Fprintln(s.errs, "maint-job:", advice)
		}
	}
	switch {
	case wrong == nil:
		return jobspec.ExitOK
	case f.KeepGoing:
		fmt.Fprintf(s.errs, "maint-job: schedules that came out: %d; those with an error did not\n", len(schedules))
	case len(schedules) > 0:
		fmt.Fprintln(s.errs, "maint-job: nothing came out; --keep-going prints the schedules that are right")
	}
	return jobspec.ExitBadData
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
