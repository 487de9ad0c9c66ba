package dashboard

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/view"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// action changes a schedule, as the visitor. It is the patch that kubectl maint makes.
type action func(d *dashboard, ctx context.Context, cluster *kubectlmaint.Cluster, ms *v1alpha1.MaintenanceSchedule,
	form func(string) string) error

// actions are what a form of the page can ask for, by the end of its address.
var actions = map[string]action{
	"run":     ask(false),
	"plan":    ask(true),
	"suspend": suspend,
	"resume":  resume,
	"approve": approve,
	"stop":    stop,
}

// act takes a form and leads back to the schedule.
func (d *dashboard) act(v *visit, w http.ResponseWriter, r *http.Request) error {
	p, name := placeOf(r), r.PathValue("action")
	do, known := actions[name]
	if !known {
		return errNoPage
	}
	cluster, err := v.cluster(p.Namespace)
	if err != nil {
		return err
	}
	ms, err := cluster.Schedule(r.Context(), p.Name)
	if err != nil {
		return err
	}
	if err := do(d, r.Context(), cluster, ms, r.PostFormValue); err != nil {
		return err
	}
	d.Log.Info("an action was taken", "action", name, "namespace", p.Namespace, "schedule", p.Name, "user",
		view.Text(v.Name))
	return redirect(w, p.Address()+"?done="+name)
}

// ask asks for one run, which only plans if dryRun is set.
func ask(dryRun bool) action {
	return func(d *dashboard, ctx context.Context, cluster *kubectlmaint.Cluster, ms *v1alpha1.MaintenanceSchedule,
		_ func(string) string) error {
		for _, refused := range []error{kubectlmaint.Unseen(ms), kubectlmaint.Stalled(ms)} {
			if refused != nil {
				return &notNow{refused.Error()}
			}
		}
		request := kubectlmaint.NewRequest(ms, d.Clock(), dryRun)
		_, err := cluster.Patch(ctx, ms.Name, kubectlmaint.RunNowPatch(request.Value, dryRun))
		if err == nil && dryRun {
			go d.forgetDryRun(context.WithoutCancel(ctx), cluster, ms.Name, request)
		}
		return err
	}
}

// forgetWithin is how long a plan may wait for its turn until the annotation that says so once more is left to whoever
// asks next.
const forgetWithin = 15 * time.Minute

// forgetDryRun removes that annotation once the plan has begun: left behind, it would make a run that somebody asks for
// by hand later a plan, too. If it cannot be removed, that run only plans, which changes nothing.
func (d *dashboard) forgetDryRun(ctx context.Context, cluster *kubectlmaint.Cluster, name string,
	request kubectlmaint.Request) {
	ctx, cancel := context.WithTimeout(ctx, forgetWithin)
	defer cancel()
	if cluster.AwaitBegin(ctx, name, request) != nil {
		return // the request stands, or another has taken its place
	}
	if err := cluster.ForgetDryRun(ctx, name, request); err != nil {
		d.Log.Warn("an annotation is left", "annotation", v1alpha1.AnnotationRunNowDryRun, "schedule", name, "error",
			view.Text(err.Error()))
	}
}

// longestReason is how many characters a reason for a suspension may have.
const longestReason = 500

func suspend(_ *dashboard, ctx context.Context, cluster *kubectlmaint.Cluster, ms *v1alpha1.MaintenanceSchedule,
	form func(string) string) error {
	reason := strings.TrimSpace(form("reason"))
	if utf8.RuneCountInString(reason) > longestReason {
		return &notNow{"The reason is too long: write 500 characters at most."}
	}
	_, err := cluster.Patch(ctx, ms.Name, kubectlmaint.SuspendPatch(reason))
	return err
}

func resume(_ *dashboard, ctx context.Context, cluster *kubectlmaint.Cluster, ms *v1alpha1.MaintenanceSchedule,
	_ func(string) string) error {
	_, err := cluster.Patch(ctx, ms.Name, kubectlmaint.ResumePatch())
	return err
}

// approve allows the very plan that the visitor has seen, and only after its schedule's name was typed.
func approve(_ *dashboard, ctx context.Context, cluster *kubectlmaint.Cluster, ms *v1alpha1.MaintenanceSchedule,
	form func(string) string) error {
	digest := form("digest")
	run, err := kubectlmaint.Refused(ms, "")
	switch {
	case err != nil:
		return &notNow{"No plan of this schedule waits for an approval any more."}
	case digest != run.PlanDigest:
		return &notNow{"The plan has changed since you looked at it: go back, load the page again and look at the new plan."}
	case strings.TrimSpace(form("confirm")) != ms.Name:
		return &notNow{"To approve the plan, type the name of the schedule: " + ms.Name + "."}
	}
	_, err = cluster.Patch(ctx, ms.Name, kubectlmaint.ApprovePatch(run.PlanDigest))
	return err
}

func stop(_ *dashboard, ctx context.Context, cluster *kubectlmaint.Cluster, ms *v1alpha1.MaintenanceSchedule,
	form func(string) string) error {
	run := form("run")
	isUnderWay := func(active v1alpha1.ActiveRun) bool { return run == "" || active.Run == run }
	if !slices.ContainsFunc(ms.Status.Active, isUnderWay) {
		return &notNow{"That run is not under way any more."}
	}
	_, err := cluster.Stop(ctx, ms.Name, run)
	return err
}
