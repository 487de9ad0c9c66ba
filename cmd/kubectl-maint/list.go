package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// listing is the command line of `kubectl maint list`.
type listing struct {
	kubectlmaint.Selection
	output *format
	watch  bool
}

// list shows the schedules.
func (s *session) list() *cobra.Command {
	var l listing
	cmd := &cobra.Command{Use: "list", Aliases: []string{"ls"},
		Short: "Show the schedules: when, how the last run ended, and what is wrong", Args: cobra.NoArgs}
	l.output = addFormat(cmd)
	cmd.Flags().BoolVarP(&l.AllNamespaces, "all-namespaces", "A", false, "those of all namespaces")
	cmd.Flags().StringVarP(&l.Labels, "selector", "l", "", "only those with these labels, such as team=media")
	cmd.Flags().BoolVarP(&l.watch, "watch", "w", false, "go on: print a schedule again when it changes")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if l.watch && l.output.data() {
			return errors.New("--watch goes with -o table and -o wide; " +
				"for programs there is kubectl get msched --watch -o json")
		}
		return s.do(func(ctx context.Context, cluster *kubectlmaint.Cluster, _ string) error {
			return s.listSchedules(ctx, cluster, l)
		})(cmd, args)
	}
	return cmd
}

func (s *session) listSchedules(ctx context.Context, cluster *kubectlmaint.Cluster, l listing) error {
	found, err := cluster.List(ctx, l.Selection)
	switch {
	case err != nil:
		return err
	case l.output.data():
		return l.output.write(s.out, found)
	case len(found.Items) == 0 && !l.watch:
		fmt.Fprintln(s.errs, noSchedules(cluster.Namespace, l.Selection))
		return nil
	}
	how := kubectlmaint.Listing{Namespaces: l.AllNamespaces, Wide: *l.output == formatWide, Now: s.now()}
	if err := kubectlmaint.WriteList(s.out, found.Items, how); err != nil || !l.watch {
		return err
	}
	live := kubectlmaint.NewLive(found.Items, how)
	return cluster.Watch(ctx, l.Selection, found, func(ms *v1alpha1.MaintenanceSchedule, deleted bool) {
		_ = live.Write(s.out, ms, deleted, s.now()) // what nobody can read any more ends with its reader
	})
}

// noSchedules says where others may be.
func noSchedules(namespace string, of kubectlmaint.Selection) string {
	labelled := ""
	if of.Labels != "" {
		labelled = " with the labels " + of.Labels
	}
	switch {
	case !of.AllNamespaces:
		return fmt.Sprintf("No schedules%s in the namespace %s; -A shows those of all.", labelled, namespace)
	case labelled != "":
		return fmt.Sprintf("No schedules%s.", labelled)
	}
	return "No schedules at all; kubectl maint import brings those of a config.json."
}
