package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/detect"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/rootlist"
)

const rootsHelp = `Show each library root as it is now, what maintenance remembers of it, and what its identity rests on. It changes
nothing. A run leaves the records of a root alone if the root is not what it was. If the change is intended, accept the root:

  maint-job roots accept PATH --digest=DIGEST

Exit code 0: a run would judge the records of every root; 78: not.`

// roots shows the library roots.
func (s *session) roots() *cobra.Command {
	o := jobspec.Defaults()
	cmd := &cobra.Command{Use: "roots", Short: "Show the library roots and what is remembered of them", Long: rootsHelp,
		Args: noArguments}
	cmd.Flags().SortFlags = false
	addRootsFlags(cmd.Flags(), &o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := o.ValidateSettings(); err != nil {
			return err
		}
		s.showRoots(cmd.Context(), o)
		return nil
	}
	cmd.AddCommand(s.acceptRoot())
	return cmd
}

func addRootsFlags(fs *pflag.FlagSet, o *jobspec.Options) {
	o.Timeout = 30 * time.Second
	addConnectionFlags(fs, o)
	fs.StringVar(&o.Library, "library", "", libraryFlag())
	fs.StringArrayVar(&o.LibraryRoots, "library-root", nil,
		"root to show; repeat it for each (default: all that a run has recorded)")
	fs.StringVarP(&o.Output, "output", "o", o.Output, "text or json")
}

func (s *session) showRoots(ctx context.Context, o jobspec.Options) {
	list, err := s.gatherRoots(ctx, o)
	switch {
	case err != nil:
		fmt.Fprintln(s.errs, "maint-job:", err)
		s.code = exitOfReading(ctx, err)
		return
	case o.Output == jobspec.OutputJSON:
		fmt.Fprintf(s.out, "%s\n", rootlist.JSON(list))
	default:
		fmt.Fprint(s.out, rootlist.Text(list))
	}
	for _, root := range list {
		if !root.Trusted {
			s.code = jobspec.ExitConfig
		}
	}
}

func (s *session) gatherRoots(ctx context.Context, o jobspec.Options) ([]rootlist.Root, error) {
	declared, err := readLibrary(o.Library)
	if err != nil {
		return nil, &configError{err}
	}
	db, err := connect(ctx, &o, s.env, s.errs)
	if err != nil {
		return nil, err
	}
	defer closeSoon(ctx, db)
	if _, err := detect.Library(ctx, db.Reader(), declared); err != nil {
		return nil, err
	}
	return rootlist.Gather(ctx, db.Reader(), o.LibraryRoots)
}

// acceptRoot records a root as it is, as a run of its own.
func (s *session) acceptRoot() *cobra.Command {
	o := s.options()
	o.Task = jobspec.AcceptRoot
	cmd := s.reporting(&cobra.Command{
		Use:   "accept PATH --digest DIGEST",
		Short: "Accept a library root as it is now",
		Long: "Accept a library root as it is now, if the digest names exactly this state. Runs then judge the records of " +
			"the root again; " +
			"missing files wait for their grace period.",
	}, o)
	digest := cmd.Flags().String("digest", "", "the state to accept, as maint-job roots shows it")
	noMounts := cmd.Flags().Bool("no-mounts", false,
		"treat folders that were mount points and are none now as plain folders")
	o.AddOwnRunFlags(cmd.Flags(), "library")
	cmd.Run = func(cmd *cobra.Command, args []string) {
		switch {
		case len(args) != 1:
			s.refuse(*o, report.ReasonUsage,
				errors.New("which root? maint-job roots accept PATH --digest=DIGEST; `maint-job roots` shows both"))
		case !path.IsAbs(args[0]):
			s.refuse(*o, report.ReasonUsage, fmt.Errorf("%q: use the absolute path of the root, as `maint-job roots` shows it",
				args[0]))
		case *digest == "":
			s.refuse(*o, report.ReasonUsage,
				errors.New("which state of the root? add --digest=DIGEST; `maint-job roots` shows the digest"))
		default:
			s.runOwn(cmd.Context(), *o, rootlist.Accept(args[0], *digest, *noMounts))
		}
	}
	return cmd
}
