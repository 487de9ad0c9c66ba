package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// version prints the version.
func (s *session) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArguments,
		Run: func(*cobra.Command, []string) { fmt.Fprintln(s.out, "maint-job", version) },
	}
}

// help shows how a command is written.
func help(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Show how a command is written",
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 && !runsTask(found) {
				return unknownCommand(found, rest)
			}
			if err := found.Flags().Parse(rest); err != nil {
				return hinted(found, err)
			}
			return found.Help()
		},
	}
}

// completion prints a script for a shell.
func (s *session) completion() *cobra.Command {
	shells := map[string]func(*cobra.Command, io.Writer) error{
		"bash":       func(root *cobra.Command, out io.Writer) error { return root.GenBashCompletionV2(out, true) },
		"zsh":        (*cobra.Command).GenZshCompletion,
		"fish":       func(root *cobra.Command, out io.Writer) error { return root.GenFishCompletion(out, true) },
		"powershell": (*cobra.Command).GenPowerShellCompletionWithDesc,
	}
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Print a script that completes the command line in bash, zsh, fish or powershell",
		Long:      "Print a script that completes the command line. In bash: source <(maint-job completion bash)",
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || shells[args[0]] == nil {
				return fmt.Errorf("which shell? maint-job completion SHELL, where SHELL is bash, zsh, fish or powershell")
			}
			return shells[args[0]](cmd.Root(), s.out)
		},
	}
}
