package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/jobspec"
)

// session is one call of the program. An error of a command is about the command line, and the exit code is then that
// of wrong usage; what else may go wrong a command says itself, and sets the code.
type session struct {
	args      []string
	env       func(string) string
	in        io.Reader
	out, errs io.Writer
	code      int
}

// root is the command line.
func (s *session) root() *cobra.Command {
	root := &cobra.Command{
		Use:               "maint-job",
		Long:              about,
		Version:           version,
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              unknownCommand,
		Run:               s.nothing,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetVersionTemplate("maint-job {{.Version}}\n")
	root.SetFlagErrorFunc(hinted)
	root.AddCommand(s.runTask(), s.list(), s.restore(), s.manifests(), s.check(), s.roots(), s.declare(), s.version(),
		s.completion())
	root.SetHelpCommand(help(root))
	return root
}

const about = `maint-job runs one maintenance task on a UCore FS library and exits.

  maint-job run TASK [flags]          do one task; maint-job run TASK --help shows its flags
  maint-job restore --run ID [flags]  put back what a run deleted or shortened

The database is the one of $MONGODB_URI, --mongodb-uri-file or --mongodb-uri.`

// nothing is the program without a command.
func (s *session) nothing(cmd *cobra.Command, _ []string) {
	fmt.Fprintf(s.errs, "%s\n\n%s", about, cmd.UsageString())
	s.code = jobspec.ExitUsage
}

// unknownCommand is where an argument is taken for a command, and is none.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Root().Commands() {
		names = append(names, c.Name())
	}
	if nearest := jobspec.MostAlike(args[0], names)[0]; jobspec.Alike(args[0], nearest) {
		return fmt.Errorf("unknown command %q: did you mean %s? maint-job --help shows all commands", args[0], nearest)
	}
	return fmt.Errorf("unknown command %q: use run, list, restore, manifests, check, roots, declare or version", args[0])
}

// noArguments refuses whatever is no flag.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s takes no arguments: maint-job %[2]s --help shows how%s", strings.Join(args, " "), cmd.Name(),
		boolHint(args))
}

// boolHint is for whoever wrote a flag's true or false as an argument.
func boolHint(args []string) string {
	for _, arg := range args {
		if arg == "true" || arg == "false" {
			return "; write a flag's true or false with an equals sign, such as --dry-run=" + arg
		}
	}
	return ""
}

// hinted says what to write instead of a wrong flag.
func hinted(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		if name := nearestFlag(cmd, unknown.GetSpecifiedName()); name != "" && unknown.GetSpecifiedShortnames() == "" {
			return fmt.Errorf("%w: did you mean --%s? %s --help shows all flags", err, name, cmd.CommandPath())
		}
	}
	return fmt.Errorf("%w: %s --help shows all flags", err, cmd.CommandPath())
}

// nearestFlag is the flag that was probably meant; empty where none is alike.
func nearestFlag(cmd *cobra.Command, typed string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if ranked := jobspec.MostAlike(typed, names); len(ranked) > 0 && jobspec.AlikeFlag(typed, ranked[0]) {
		return ranked[0]
	}
	return ""
}
