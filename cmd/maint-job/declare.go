package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/declare"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/library"
)

const declareHelp = `Guess a declaration for a database that nobody has described: which fields hold ids of which collection, and
which numbers are counters. It only reads. Each guess has its evidence beside it. With --print it prints a
declaration that is built in. The declaration is for maint-job run --library, or for a ConfigMap under the key
library.yaml.

  maint-job declare > library.yaml`

// declare prints a declaration: one that is built in, or a guess.
func (s *session) declare() *cobra.Command {
	o := jobspec.Defaults()
	cmd := &cobra.Command{
		Use: "declare", Short: "Guess a declaration of a library from its documents, for --library",
		Long: declareHelp, Args: noArguments,
	}
	cmd.Flags().SortFlags = false
	builtin := cmd.Flags().String("print", "", "print a declaration that is built in: "+strings.Join(builtIn(), " or "))
	sample := cmd.Flags().Int("sample", 200, "documents of each collection to look at")
	addConnectionFlags(cmd.Flags(), &o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case *sample < 1:
			return fmt.Errorf("--sample=%d: use 1 or more", *sample)
		case cmd.Flags().Changed("print"):
			return s.printBuiltIn(*builtin)
		}
		s.printGuess(cmd.Context(), o, *sample)
		return nil
	}
	return cmd
}

func (s *session) printBuiltIn(name string) error {
	text, err := library.Text(name)
	if err != nil {
		return fmt.Errorf("--print: %w", err)
	}
	_, err = s.out.Write(text)
	return err
}

func (s *session) printGuess(ctx context.Context, o jobspec.Options, sample int) {
	text, err := s.guess(ctx, o, sample)
	if err != nil {
		fmt.Fprintln(s.errs, "maint-job:", err)
		s.code = exitOfReading(ctx, err)
		return
	}
	_, _ = s.out.Write(text) // nobody reads: there is nobody to tell
}

// guess is the declaration of a database as far as it can be seen.
func (s *session) guess(ctx context.Context, o jobspec.Options, sample int) ([]byte, error) {
	db, err := connect(ctx, &o, s.env, s.errs)
	if err != nil {
		return nil, err
	}
	defer closeSoon(ctx, db)
	names, err := db.Reader().Collections(ctx)
	if err != nil {
		return nil, err
	}
	if names = declare.Describable(names); len(names) == 0 {
		return nil, &configError{fmt.Errorf("the database %q has no collections besides maintenance's own: "+
			"name the right one with --database", db.Name())}
	}
	facts, err := declare.Gather(ctx, db.Reader(), names, sample)
	if err != nil {
		return nil, err
	}
	return declare.Write(facts, declare.References(facts), declare.Counters(facts)), nil
}
