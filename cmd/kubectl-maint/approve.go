package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

const approveHelp = `Let the runs of a schedule carry out one plan that exceeds the limits: that of the last run,
which refused it. The command shows the plan's figures and a sample, asks, and writes the plan's digest into
spec.limits.allowPlan. A run that plans anything else is refused as before.

Name the digest to be sure that the plan is still the one that you looked at, for example in a script with --yes.`

// errNotApproved is what a person who did not say yes gets.
var errNotApproved = errors.New("nothing was changed: the plan is not approved")

// approve lets a refused plan be carried out.
func (s *session) approve() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{Use: "approve NAME [DIGEST]", Short: "Let runs carry out the plan that the last run refused",
		Long:              approveHelp,
		ValidArgsFunction: s.names, Args: nameAndDigest}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		digest := append(args, "")[1]
		return s.do(func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			return s.approvePlan(ctx, cluster, name, digest, yes)
		})(cmd, args)
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func nameAndDigest(cmd *cobra.Command, args []string) error {
	if len(args) == 2 {
		return nil
	}
	return oneName(cmd, args)
}

func (s *session) approvePlan(ctx context.Context, cluster *kubectlmaint.Cluster, name, digest string, yes bool) error {
	ms, err := cluster.Schedule(ctx, name)
	if err != nil {
		return err
	}
	run, err := kubectlmaint.Refused(ms, digest)
	if err != nil {
		return err
	}
	fmt.Fprint(s.out, kubectlmaint.Result(run).Text())
	if !yes && !s.saidYes(name, run) {
		return errNotApproved
	}
	if _, err := cluster.Patch(ctx, name, kubectlmaint.ApprovePatch(run.PlanDigest)); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n%s may carry out the plan %s; kubectl maint run %s --wait does so now\n",
		name, run.PlanDigest, name)
	fmt.Fprintln(s.errs, "If the schedule is kept in Git, write spec.limits.allowPlan there, too.")
	return nil
}

// saidYes asks. Whoever says nothing, or anything else, did not say yes.
func (s *session) saidYes(name string, run *v1alpha1.RunResult) bool {
	fmt.Fprintf(s.errs, "\nMay the runs of %s carry out this very plan, %s? [y/N] ", name, run.PlanDigest)
	answer, _ := bufio.NewReader(s.in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	}
	return false
}
