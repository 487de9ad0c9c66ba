package dashboard

import (
	"context"
	"net/http"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// restorePage is what there is to see of the restore of a run: the dry run first, then the real one.
type restorePage struct {
	place
	Address, Run string
	Allowed      Verdict
	DryRun, Real restoreJob
}

// restoreJob is one of the two Jobs of a restore.
type restoreJob struct {
	Name       string
	Made       bool
	Ended, OK  bool
	Log        string
	LogProblem string

	job *batchv1.Job // to create
}

// restoreForm shows how far a restore is.
func (d *dashboard) restoreForm(v *visit, w http.ResponseWriter, r *http.Request) error {
	body, err := d.readRestore(r.Context(), v, placeOf(r), r.PathValue("run"))
	if err != nil {
		return err
	}
	d.render(v, w, http.StatusOK, "restore", page{Title: "Restore " + body.Run, Body: body,
		Notice: noticeOf(r.URL.Query())})
	return nil
}

// restore creates the Job that shows what would be put back, or, once that has succeeded, the one that does so.
func (d *dashboard) restore(v *visit, w http.ResponseWriter, r *http.Request) error {
	body, err := d.readRestore(r.Context(), v, placeOf(r), r.PathValue("run"))
	if err != nil {
		return err
	}
	action, made := r.PathValue("restore"), body.DryRun
	switch {
	case action == "restore" && !body.DryRun.OK:
		return &notNow{"First let a dry run show what would be put back: it has not succeeded yet."}
	case action == "restore" && strings.TrimSpace(r.PostFormValue("confirm")) != body.Run:
		return &notNow{"To restore, type the name of the run: " + body.Run + "."}
	case action == "restore":
		made = body.Real
	case action != "dry-run":
		return errNoPage
	}
	_, err = v.kube.BatchV1().Jobs(body.Namespace).Create(r.Context(), made.job,
		metav1.CreateOptions{FieldManager: kubectlmaint.FieldManager})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	d.Log.Info("a restore was created", "job", made.Name, "namespace", body.Namespace, "schedule", body.Name, "dryRun",
		action == "dry-run")
	return redirect(w, body.Address+"/runs/"+body.Run+"/restore?done="+action)
}

func (d *dashboard) readRestore(ctx context.Context, v *visit, p place, run string) (*restorePage, error) {
	cluster, err := v.cluster(p.Namespace)
	if err != nil {
		return nil, err
	}
	ms, err := cluster.Schedule(ctx, p.Name)
	if err != nil {
		return nil, err
	}
	if nothing := kubectlmaint.NothingToRestore(ms, run); nothing != nil {
		return nil, &notNow{nothing.Error()}
	}
	from, err := cluster.CronJob(ctx, p.Name)
	if err != nil {
		return nil, err
	}
	out := &restorePage{place: p, Address: p.Address(), Run: run, Allowed: d.may(ctx, v, p.Namespace, createJobs)}
	if out.DryRun, err = v.readJob(ctx, from, run, true); err != nil {
		return nil, err
	}
	out.Real, err = v.readJob(ctx, from, run, false)
	return out, err
}

func (v *visit) readJob(ctx context.Context, from *batchv1.CronJob, run string, dryRun bool) (restoreJob, error) {
	job, err := kubectlmaint.RestoreJob(from, run, dryRun)
	if err != nil {
		return restoreJob{}, &notNow{err.Error()}
	}
	out := restoreJob{Name: job.Name, job: job}
	found, err := v.kube.BatchV1().Jobs(job.Namespace).Get(ctx, job.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Made = true
	for _, c := range found.Status.Conditions {
		ended := c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed
		out.Ended = out.Ended || ended && c.Status == corev1.ConditionTrue
		out.OK = out.OK || c.Type == batchv1.JobComplete && c.Status == corev1.ConditionTrue
	}
	if out.Log, err = v.jobLog(ctx, job.Namespace, job.Name); err != nil {
		out.LogProblem = problemOf(err).Text
	}
	return out, nil
}

// jobLog is the end of what the newest pod of a Job printed; empty while it has none.
func (v *visit) jobLog(ctx context.Context, namespace, job string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, logTime)
	defer cancel()
	pods, err := v.kube.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: batchv1.JobNameLabel + "=" +
		job})
	if err != nil || len(pods.Items) == 0 {
		return "", err
	}
	newest := pods.Items[0]
	for _, pod := range pods.Items {
		if newest.CreationTimestamp.Before(&pod.CreationTimestamp) {
			newest = pod
		}
	}
	options := &corev1.PodLogOptions{Container: cronjob.ContainerName, LimitBytes: new(int64(mostLog))}
	text, err := v.kube.CoreV1().Pods(namespace).GetLogs(newest.Name, options).DoRaw(ctx)
	if err != nil {
		return "", err
	}
	end := &tail{most: mostLog}
	out := &lines{to: end.write}
	_, _ = out.Write(text) // a buffer takes all
	_ = out.end()
	return end.String(), nil
}
