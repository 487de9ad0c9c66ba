package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	batchv1 "k8s.io/api/batch/v1"

	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

const checkHelp = `Run maint-job check in the cluster, and show what it prints: the server, the library and its
collections, the folders, and what each task lacks. It changes nothing in the library.

The check runs in a Job with the database, the claims, the user and the service account of the schedule's runs;
without NAME, with those of all schedules of the namespace. The Job is removed afterwards. It takes the rights to
create and delete Jobs.

Exit code 0: ready; 78: not ready, or the pod cannot start; 75: the time is over.`

// check says whether the runs of the schedules will work.
func (s *session) check() *cobra.Command {
	how := kubectlmaint.Checking{Output: "text"}
	cmd := &cobra.Command{Use: "check [NAME]",
		Short: "Say whether the runs will work: database, library, claims, rights", Long: checkHelp,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: s.names}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case how.Output != "text" && how.Output != "json":
			return fmt.Errorf("-o %s: write text or json", how.Output)
		case how.Timeout < time.Second:
			return errors.New("--timeout: write one second or more, such as 5m")
		}
		return s.do(func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			return s.checkNow(ctx, cluster, name, how)
		})(cmd, args)
	}
	cmd.Flags().DurationVar(&how.Timeout, "timeout", 5*time.Minute, "how long the pod may take, its start included")
	cmd.Flags().StringVarP(&how.Output, "output", "o", how.Output, "text or json")
	return cmd
}

func (s *session) checkNow(ctx context.Context, cluster *kubectlmaint.Cluster, name string,
	how kubectlmaint.Checking) error {
	from, err := cronJobs(ctx, cluster, name)
	if err != nil {
		return err
	}
	job, err := kubectlmaint.CheckJob(from, how)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeoutCause(ctx, how.Timeout, kubectlmaint.ErrCheckTimeout)
	defer cancel()
	code, err := cluster.Check(bounded, s.out, job, func(word string) { fmt.Fprintln(s.errs, word) })
	s.code = code
	return err
}

// cronJobs are the one of the schedule, or those of all.
func cronJobs(ctx context.Context, cluster *kubectlmaint.Cluster, name string) ([]batchv1.CronJob, error) {
	if name == "" {
		return cluster.CronJobs(ctx)
	}
	one, err := cluster.CronJob(ctx, name)
	if err != nil {
		return nil, err
	}
	return []batchv1.CronJob{*one}, nil
}
