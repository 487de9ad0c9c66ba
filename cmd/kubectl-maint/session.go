package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// session is one call of the plugin.
type session struct {
	in        io.Reader
	out, errs io.Writer
	now       func() time.Time
	open      func(address string) error // in a browser
	flags     *genericclioptions.ConfigFlags
	code      int // to exit with where there is no error
}

// root is the command line.
func (s *session) root() *cobra.Command {
	s.flags = genericclioptions.NewConfigFlags(true)
	s.flags.CacheDir = nil // no discovery here; import has a flag of that name
	root := &cobra.Command{
		Use:           "kubectl-maint",
		Short:         "Run, watch and hold the maintenance of a UCore FS library",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl maint"},
		Args:          unknownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(unknownFlag)
	s.flags.AddFlags(root.PersistentFlags())
	root.AddCommand(s.list(), s.check(), s.runNow(), s.plan(), s.approve(), s.stop(), s.history(), s.logs(),
		s.suspend(), s.resume(), s.throttle(), s.restore(), s.importConfig(), s.dashboard())
	return root
}

// connect is the cluster and the namespace that the flags and the kubeconfig name.
func (s *session) connect() (*kubectlmaint.Cluster, error) {
	config, err := s.flags.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	config.UserAgent = kubectlmaint.FieldManager + "/" + version
	namespace, _, err := s.flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	return kubectlmaint.Connect(config, namespace)
}

// work is a command's own part, with the name of its schedule, or none.
type work func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error

// do connects and works; what goes wrong from here on is no mistake of the command line.
func (s *session) do(w work) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		cluster, err := s.connect()
		if err == nil {
			err = w(cmd.Context(), cluster, append(args, "")[0])
		}
		if err != nil {
			return &failure{err}
		}
		return nil
	}
}

// ofSchedule is a command about one schedule, whose name the shell completes.
func (s *session) ofSchedule(use, short string, w work) *cobra.Command {
	return &cobra.Command{Use: use + " NAME", Short: short, RunE: s.do(w), ValidArgsFunction: s.names, Args: oneName}
}

// oneName takes the name of one schedule.
func oneName(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return fmt.Errorf("which schedule? %s NAME; kubectl maint list shows them", cmd.CommandPath())
	case 1:
		return nil
	}
	return fmt.Errorf("one schedule at a time: %s is one too many", args[1])
}

// names are the schedules of the namespace, for the shell.
func (s *session) names(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	cluster, err := s.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	found, err := cluster.List(cmd.Context(), kubectlmaint.Selection{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, ms := range found.Items {
		names = append(names, cobra.CompletionWithDesc(ms.Name, string(ms.Spec.Task)))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// format is the value of -o.
type format string

// The formats.
const (
	formatTable format = "table"
	formatWide  format = "wide"
	formatJSON  format = "json"
	formatYAML  format = "yaml"
)

func (f *format) String() string { return string(*f) }

// Type is what --help calls the value.
func (f *format) Type() string { return "format" }

// Set takes a format's name.
func (f *format) Set(value string) error {
	switch format(value) {
	case formatTable, formatWide, formatJSON, formatYAML:
		*f = format(value)
		return nil
	}
	return fmt.Errorf("write table, wide, json or yaml")
}

// addFormat adds -o to a command.
func addFormat(cmd *cobra.Command) *format {
	f := formatTable
	cmd.Flags().VarP(&f, "output", "o", "table, wide, json or yaml")
	_ = cmd.RegisterFlagCompletionFunc("output",
		cobra.FixedCompletions([]string{"table", "wide", "json", "yaml"}, cobra.ShellCompDirectiveNoFileComp))
	return &f
}

// data tells whether the format is for programs.
func (f format) data() bool { return f == formatJSON || f == formatYAML }

// write prints a value for a program.
func (f format) write(out io.Writer, value any) error {
	b, err := json.MarshalIndent(value, "", "  ")
	if err == nil && f == formatYAML {
		b, err = yaml.JSONToYAML(b)
	} else {
		b = append(b, '\n')
	}
	if err != nil {
		return err
	}
	_, err = out.Write(b)
	return err
}
