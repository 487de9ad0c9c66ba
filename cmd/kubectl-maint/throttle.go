package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// inherit is the word for the schedule's own throttle.
const inherit = "inherit"

// throttles are what throttle takes.
var throttles = []string{string(v1alpha1.ThrottleLow), string(v1alpha1.ThrottleNormal), string(v1alpha1.ThrottleOff),
	inherit}

// throttle changes how much the runs of a schedule take at a time.
func (s *session) throttle() *cobra.Command {
	var level string
	cmd := s.ofSchedule("throttle", "Change how much runs take at a time, also the run under way",
		func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			return s.setThrottle(ctx, cluster, name, level)
		})
	cmd.Use = "throttle NAME " + strings.Join(throttles, "|")
	cmd.Long = cmd.Short + ".\n\nThe command writes the annotation " + v1alpha1.AnnotationThrottle +
		", which takes the place of spec.throttle until inherit removes it. A run under way follows within seconds; " +
		"kubectl maint list shows how fast it goes."
	cmd.Args = func(cmd *cobra.Command, args []string) (err error) {
		if err := oneName(cmd, args[:min(len(args), 1)]); err != nil {
			return err
		}
		level, err = throttleOf(args[1:])
		return err
	}
	cmd.ValidArgsFunction = s.namesThenThrottles
	return cmd
}

// throttleOf is the one throttle that is named, in any case.
func throttleOf(args []string) (string, error) {
	if len(args) == 1 {
		i := slices.IndexFunc(throttles, func(t string) bool { return strings.EqualFold(t, args[0]) })
		if i >= 0 {
			return throttles[i], nil
		}
	}
	return "", fmt.Errorf("which throttle? write one of %s after the name", strings.Join(throttles, ", "))
}

func (s *session) namesThenThrottles(cmd *cobra.Command, args []string, typed string) ([]string,
	cobra.ShellCompDirective) {
	if len(args) == 1 {
		return throttles, cobra.ShellCompDirectiveNoFileComp
	}
	return s.names(cmd, args, typed)
}

func (s *session) setThrottle(ctx context.Context, cluster *kubectlmaint.Cluster, name, level string) error {
	if level == inherit {
		if _, err := cluster.Patch(ctx, name, kubectlmaint.ThrottlePatch("")); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s has the throttle of its spec again\n", name)
		return nil
	}
	if _, err := cluster.Patch(ctx, name, kubectlmaint.ThrottlePatch(v1alpha1.Throttle(level))); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s has the throttle %s, also in a run under way; kubectl maint throttle %s inherit removes it\n",
		name, level, name)
	return nil
}
