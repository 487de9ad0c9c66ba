package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
	"ucorefs.io/maintenance/pkg/report"
)

// suspend stops the scheduled runs.
func (s *session) suspend() *cobra.Command {
	var reason string
	cmd := s.ofSchedule("suspend",
		"Start no further scheduled runs; a run that has started continues, and run still works",
		func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			if _, err := cluster.Patch(ctx, name, kubectlmaint.SuspendPatch(reason)); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "%s is suspended; kubectl maint resume %s starts it again\n", name, name)
			return nil
		})
	cmd.Flags().StringVar(&reason, "reason", "", "the reason, which list shows")
	return cmd
}

// resume starts them again.
func (s *session) resume() *cobra.Command {
	return s.ofSchedule("resume", "Start the scheduled runs again, from the next time on",
		func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			if _, err := cluster.Patch(ctx, name, kubectlmaint.ResumePatch()); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "%s is resumed\n", name)
			return nil
		})
}

// stop ends a run that is under way.
func (s *session) stop() *cobra.Command {
	var run string
	cmd := s.ofSchedule("stop", "Stop the run that is under way; what it did stays",
		func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			stopped, err := cluster.Stop(ctx, name, run)
			for _, run := range stopped {
				fmt.Fprintf(s.out, "%s: the run %s stops at its next batch; "+
					"kubectl maint suspend %s prevents further scheduled runs\n", name, run, name)
			}
			return err
		})
	cmd.Long = cmd.Short + ".\n\nThe command deletes the run's Job, " +
		"which takes the right to delete Jobs. The history of the schedule then says JobDeleted."
	cmd.Flags().StringVar(&run, "run", "", "the run to stop, where several are under way")
	return cmd
}

// asking is a run that is asked for, and what of it is printed.
type asking struct {
	dryRun, wait bool
	timeout      time.Duration
	output       *format
	plan         bool // also what to paste so that the plan may be carried out
	queue        bool // a run that meets a lock is asked for again
}

// runNow runs a schedule once.
func (s *session) runNow() *cobra.Command {
	var a asking
	cmd := s.ofSchedule("run", "Run a schedule once now, with the usual safety checks",
		func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			if a.queue {
				a.wait = true
				return s.queue(ctx, cluster, name, a)
			}
			return s.ask(ctx, cluster, name, a)
		})
	cmd.Flags().BoolVar(&a.queue, "queue", false,
		"wait for the lock, too: ask again if another run holds it; implies --wait")
	cmd.Flags().BoolVar(&a.dryRun, "dry-run", false, "plan and report; change nothing")
	cmd.Flags().BoolVar(&a.wait, "wait", false,
		"until the run has ended; then show its result, and exit as maint-job would")
	a.add(cmd)
	return cmd
}

// plan shows what a run would do.
func (s *session) plan() *cobra.Command {
	a := asking{dryRun: true, wait: true, plan: true}
	cmd := s.ofSchedule("plan", "Run a schedule without changing anything, and show the plan: run --dry-run --wait",
		func(ctx context.Context, cluster *kubectlmaint.Cluster, name string) error {
			return s.ask(ctx, cluster, name, a)
		})
	a.add(cmd)
	return cmd
}

func (a *asking) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&a.timeout, "timeout", 0, "how long to wait (0: until the run ends)")
	a.output = addFormat(cmd)
}

// ask asks for a run and, where that is wanted, waits for it.
func (s *session) ask(ctx context.Context, cluster *kubectlmaint.Cluster, name string, a asking) error {
	ms, err := cluster.Seen(ctx, name)
	if err != nil {
		return err
	}
	if err := kubectlmaint.Stalled(ms); err != nil {
		return err
	}
	request := kubectlmaint.NewRequest(ms, s.now(), a.dryRun)
	if _, err := cluster.Patch(ctx, name, kubectlmaint.RunNowPatch(request.Value, a.dryRun)); err != nil {
		return err
	}
	switch {
	case !a.wait && a.output.data():
		return a.output.write(s.out, map[string]any{"schedule": name, "run": request.Run, "dryRun": request.DryRun})
	case !a.wait:
		fmt.Fprintf(s.out, "%s: asked for the run %s; kubectl maint logs %s --follow shows it at work\n",
			name, request.Run, name)
		return nil
	}
	if a.timeout > 0 {
		bounded, cancel := context.WithTimeoutCause(ctx, a.timeout, kubectlmaint.ErrTimeout)
		defer cancel()
		ctx = bounded
	}
	ended, err := cluster.Wait(ctx, name, request, func(word string) { fmt.Fprintf(s.errs, "%s: %s\n", name, word) })
	if err != nil {
		return s.unended(ctx, cluster, name, request, err)
	}
	if a.dryRun {
		if err := cluster.ForgetDryRun(ctx, name, request); err != nil {
			fmt.Fprintf(s.errs, "%s: the annotation %s stays, and holds for whoever changes run-now by hand: %v\n",
				name, v1alpha1.AnnotationRunNowDryRun, err)
		}
	}
	return s.show(ended, a)
}

// unended says what becomes of a request whose end was not waited for. A plan that has not begun is taken back: nobody
// would read it.
func (s *session) unended(ctx context.Context, cluster *kubectlmaint.Cluster, name string, request kubectlmaint.Request,
	err error) error {
	var unended *kubectlmaint.UnendedError
	if !errors.As(err, &unended) || unended.Begun {
		return err
	}
	if !request.DryRun {
		return fmt.Errorf("%w; the request stays, and the run begins as soon as it can: "+
			"kubectl annotate msched %s %s- takes it back", err, name, v1alpha1.AnnotationRunNow)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTime)
	defer cancel()
	withdrawn, problem := cluster.Withdraw(ctx, name, request)
	switch {
	case problem != nil:
		return fmt.Errorf("%w; the request stays, since it could not be taken back: %w", err, problem)
	case !withdrawn:
		return fmt.Errorf("%w; it begins, or made way for another, just now: "+
			"kubectl maint history %s shows how it ends", err, name)
	}
	return fmt.Errorf("%w; the request was taken back, and nothing runs", err)
}

// withdrawTime is how long taking back a request may take.
const withdrawTime = 10 * time.Second

// show prints the run, whose exit code becomes ours.
func (s *session) show(run *v1alpha1.RunResult, a asking) error {
	if a.queue && isLocked(run) {
		fmt.Fprintf(s.errs, "%s was skipped: %s\n", run.Run, run.Message)
		return errLocked
	}
	s.code = exitCode(kubectlmaint.Result(run))
	if err := s.print(run, a); err != nil {
		return err
	}
	if a.dryRun && !run.DryRun && worked(run) {
		return fmt.Errorf("%s was to be a dry run and was none: "+
			"the controller is older than this plugin and does not know %s; kubectl maint restore undoes it",
			run.Run, v1alpha1.AnnotationRunNowDryRun)
	}
	return nil
}

func (s *session) print(run *v1alpha1.RunResult, a asking) error {
	if a.output.data() {
		return a.output.write(s.out, run)
	}
	text := kubectlmaint.Result(run).Text()
	if a.plan {
		text += kubectlmaint.Permission(run)
	}
	_, err := fmt.Fprint(s.out, text)
	return err
}

// exitCode is maint-job's, but for a run that did not begin: whoever waited for it has not got it.
func exitCode(result report.Result) int {
	if result.Outcome == report.Skipped {
		return jobspec.ExitTemporary
	}
	return result.ExitCode()
}

// worked tells whether a run may have changed something.
func worked(run *v1alpha1.RunResult) bool {
	switch run.Outcome {
	case "Succeeded", "Partial", "Paused":
		return true
	}
	return false
}
