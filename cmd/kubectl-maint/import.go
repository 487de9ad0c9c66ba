package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/kubectlmaint"
	"ucorefs.io/maintenance/pkg/manifests"
)

// importing is the command line of `kubectl maint import`.
type importing struct {
	manifests.Flags
	dryRun string
	force  bool
}

// importConfig applies the schedules of a config.json.
func (s *session) importConfig() *cobra.Command {
	var i importing
	cmd := &cobra.Command{
		Use:   "import config.json",
		Short: "Apply the schedules of a UCore FS config.json",
		Long: "Apply the schedules of a UCore FS config.json as MaintenanceSchedules, by server-side apply: what the\n" +
			"file does not say stays as it is. They are those of its section maintenance or, if it has none, those\n" +
			"that UCore FS has by default. What the flags leave out comes from the chart's values.",
		Args: i.takeFile,
		RunE: s.do(func(ctx context.Context, cluster *kubectlmaint.Cluster, _ string) error {
			return s.apply(ctx, cluster, i)
		}),
	}
	i.Add(cmd.Flags())
	cmd.Flags().BoolVar(&i.Options.DryRun, "plan-only", false, "schedules that only plan and report (spec.dryRun)")
	cmd.Flags().StringVar(&i.dryRun, "dry-run", "none",
		"client prints the schedules, server has them checked; neither stores anything")
	cmd.Flags().BoolVar(&i.force, "force-conflicts", false, "take over the fields that somebody else applied")
	return cmd
}

// takeFile reads the rest of the command line.
func (i *importing) takeFile(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 1 && i.File == "":
		i.File = args[0]
	case len(args) > 0:
		return fmt.Errorf("one file at a time: %s is one too many", args[len(args)-1])
	case i.File == "":
		return errors.New("which file? kubectl maint import config.json, or -f - for standard input")
	}
	switch i.dryRun {
	case "none", "client", "server":
		return i.Complete()
	}
	return errors.New("--dry-run: write client, server or none")
}

// badData is everything that is wrong with a config.json.
type badData struct{ error }

// apply converts the file and applies what is right, if all is or if that was asked for.
func (s *session) apply(ctx context.Context, cluster *kubectlmaint.Cluster, i importing) error {
	config, err := i.Read(s.in)
	if err != nil {
		return err
	}
	i.Options.Namespace = cluster.Namespace
	schedules, wrong := manifests.Convert(config, i.Options)
	switch {
	case wrong != nil && len(schedules) == 0:
		return &badData{wrong}
	case wrong != nil && !i.KeepGoing:
		return &badData{fmt.Errorf("%w\nnothing was applied; --keep-going applies the schedules that are right", wrong)}
	}
	for _, advice := range i.Advice(schedules) {
		fmt.Fprintln(s.errs, "kubectl maint:", advice)
	}
	if i.dryRun == "client" {
		err = manifests.Write(s.out, schedules)
	} else {
		err = s.applyAll(ctx, cluster, schedules, i)
	}
	if err == nil && wrong != nil {
		return &badData{wrong}
	}
	return errors.Join(wrong, err)
}

// applyAll goes on after a schedule that the API server does not take: the others may be right.
func (s *session) applyAll(ctx context.Context, cluster *kubectlmaint.Cluster, schedules []manifests.Manifest,
	i importing) error {
	var all []error
	how, done := kubectlmaint.Applying{DryRun: i.dryRun == "server", Force: i.force}, "applied"
	if how.DryRun {
		done = "applied (server dry run)"
	}
	for _, m := range schedules {
		if _, err := cluster.Apply(ctx, m, how); err != nil {
			all = append(all, err)
			continue
		}
		fmt.Fprintf(s.out, "%s %s\n", m.Metadata.Name, done)
	}
	return errors.Join(all...)
}
