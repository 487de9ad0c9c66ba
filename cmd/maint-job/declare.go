package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/library"
)

// declare prints a declaration.
func (s *session) declare() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "declare --print=ucorefs",
		Short: "Print a declaration of a library, to change",
		Long: "Print a declaration of a library, to change and to give to maint-job run --library or to a ConfigMap.\n\n" +
			"  maint-job declare --print=ucorefs > library.yaml",
		Args: noArguments,
	}
	named := cmd.Flags().String("print", "", "print a built-in declaration: "+strings.Join(builtIn(), " or "))
	cmd.RunE = func(*cobra.Command, []string) error {
		text, err := library.Text(*named)
		if err != nil {
			return fmt.Errorf("--print: %w", err)
		}
		_, err = s.out.Write(text)
		return err
	}
	return cmd
}
