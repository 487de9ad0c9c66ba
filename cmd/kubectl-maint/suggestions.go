package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// unknownCommand says which command was probably meant, where the first word is none.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return hinted(fmt.Errorf("unknown command %q", args[0]), kubectlmaint.Meant(args[0], names))
}

// unknownFlag says which flag was probably meant.
func unknownFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || len(unknown.GetSpecifiedName()) < 2 {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return hinted(err, kubectlmaint.MeantFlag(unknown.GetSpecifiedName(), names))
}

// hinted is an error with a hint behind it, if there is one.
func hinted(err error, hint string) error {
	if hint != "" {
		return fmt.Errorf("%w: %s", err, hint)
	}
	return err
}
