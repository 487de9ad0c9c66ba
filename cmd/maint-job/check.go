package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/check"
	"ucorefs.io/maintenance/pkg/jobspec"
)

const checkHelp = `Say in one screen whether an installation will work: the server, the library and its collections, the folders, and
what each task lacks. It changes nothing. Exit code 0: ready; 78: not.`

// check prints what is there and what is missing.
func (s *session) check() *cobra.Command {
	o := jobspec.Defaults()
	cmd := &cobra.Command{Use: "check", Short: "Say whether this installation will work", Long: checkHelp,
		Args: noArguments}
	cmd.Flags().SortFlags = false
	addCheckFlags(cmd.Flags(), &o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := o.ValidateSettings(); err != nil {
			return err
		}
		s.checkInstallation(cmd.Context(), o)
		return nil
	}
	return cmd
}

func addCheckFlags(fs *pflag.FlagSet, o *jobspec.Options) {
	o.Timeout = 30 * time.Second
	addConnectionFlags(fs, o)
	fs.StringVar(&o.Library, "library", "", libraryFlag())
	o.AddFolderFlags(fs)
	fs.StringArrayVar(&o.PathMaps, "path-map", nil,
		"where recorded paths are found, for paths that were recorded on another machine (FROM=TO, repeatable)")
	fs.StringVarP(&o.Output, "output", "o", o.Output, "text or json")
}

func (s *session) checkInstallation(ctx context.Context, o jobspec.Options) {
	report, err := s.checked(ctx, o)
	switch {
	case err != nil:
		fmt.Fprintln(s.errs, "maint-job:", err)
		s.code = jobspec.ExitConfig
		return
	case o.Output == jobspec.OutputJSON:
		fmt.Fprintf(s.out, "%s\n", report.JSON())
	default:
		fmt.Fprint(s.out, report.Text())
	}
	if !report.Ready {
		s.code = jobspec.ExitConfig
	}
}

func (s *session) checked(ctx context.Context, o jobspec.Options) (check.Report, error) {
	declared, err := readLibrary(o.Library)
	if err != nil {
		return check.Report{}, err
	}
	db, err := connect(ctx, &o, s.env, s.errs)
	if err != nil {
		return check.Report{}, err
	}
	defer closeSoon(ctx, db)
	facts, err := check.Gather(ctx, db.Reader(), o, declared, released())
	return check.Make(facts), err
}
