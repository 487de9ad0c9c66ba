package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// history shows how the runs of a schedule ended.
func (s *session) history() *cobra.Command {
	var output *format
	cmd := s.ofSchedule("history", "Show how the runs of a schedule ended, latest first",
		func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			ms, err := cluster.Schedule(ctx, name)
			switch {
			case err != nil:
				return err
			case output.data() && ms.Status.History == nil:
				return output.write(s.out, []string{})
			case output.data():
				return output.write(s.out, ms.Status.History)
			case len(ms.Status.History) == 0:
				fmt.Fprintf(s.errs, "%s has not run yet; kubectl maint run %s runs it now.\n", name, name)
				return nil
			}
			return kubectlmaint.WriteHistory(s.out, ms.Status.History, *output == formatWide)
		})
	output = addFormat(cmd)
	return cmd
}

// logs copies what a run printed.
func (s *session) logs() *cobra.Command {
	var follow bool
	var run string
	cmd := s.ofSchedule("logs", "Show what the newest run of a schedule printed",
		func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			return cluster.Logs(ctx, s.out, name, run, follow)
		})
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on until the run ends")
	cmd.Flags().StringVar(&run, "run", "", "another run than the newest, as history names it")
	return cmd
}

// restore prints the Job that undoes a run.
func (s *session) restore() *cobra.Command {
	var run string
	var dryRun bool
	cmd := s.ofSchedule("restore", "Print the Job that puts back what a run deleted or shortened",
		func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			ms, err := cluster.Schedule(ctx, name)
			if err != nil {
				return err
			}
			if err := kubectlmaint.NothingToRestore(ms, run); err != nil {
				return err
			}
			from, err := cluster.CronJob(ctx, name)
			if err != nil {
				return err
			}
			job, err := kubectlmaint.RestoreJob(from, run, dryRun)
			if err != nil {
				return err
			}
			if err := formatYAML.write(s.out, job); err != nil {
				return err
			}
			fmt.Fprintf(s.errs, "# Nothing was changed. This plugin makes no pods: add | kubectl apply -f -, "+
				"then see kubectl logs --namespace %s --follow job/%s%s\n",
				job.Namespace, job.Name, kubectlmaint.UnknownRun(ms, run))
			return nil
		})
	cmd.Long = cmd.Short + ".\n\n  kubectl maint restore NAME --run RUN | kubectl apply -f -\n\nWhat was written " +
		"since the run is left alone. history names the runs."
	cmd.Flags().StringVar(&run, "run", "", "the run to undo, as history names it")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "a Job that says what would be put back, and changes nothing")
	_ = cmd.MarkFlagRequired("run")
	return cmd
}
