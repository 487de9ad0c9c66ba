package dashboard

import (
	"cmp"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/view"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
)

// listing is what the list's page shows.
type listing struct {
	view.List
	Create Verdict
	Whole  string // the address of the list without the search
}

// list shows all schedules that the query wants. It reads them with one request, however many there are.
func (d *dashboard) list(v *visit, w http.ResponseWriter, r *http.Request) error {
	q := view.ReadQuery(r.URL.Query())
	create := make(chan Verdict, 1) // asked meanwhile: reading a thousand schedules takes a moment
	go func() {
		create <- d.may(r.Context(), v, cmp.Or(d.Namespace, q.Namespace), createSchedules)
	}()
	found, scope, err := d.readList(v, r, q)
	allowed := <-create
	switch {
	case apierrors.IsForbidden(err) && q.Namespace == "" && d.Namespace == "":
		d.render(v, w, http.StatusForbidden, "namespaces", page{Title: "Choose a namespace", Body: problemOf(err)})
		return nil
	case err != nil:
		return err
	}
	body := listing{List: view.NewList(found.Items, q, d.Clock()), Create: allowed, Whole: "/"}
	events := q.Values()
	events.Set("since", found.ResourceVersion)
	if scope != "" {
		events.Set("scope", scope)
	}
	d.render(v, w, http.StatusOK, "list", page{Title: "Schedules", Body: body, Events: "/events?" + events.Encode(),
		Notice: noticeOf(r.URL.Query())})
	return nil
}

// readList reads the schedules of all namespaces, or of the one that the query names where the visitor may not read
// those of all.
func (d *dashboard) readList(v *visit, r *http.Request, q view.Query) (*v1alpha1.MaintenanceScheduleList, string,
	error) {
	found, err := v.listIn(r, d.Namespace)
	if !apierrors.IsForbidden(err) || d.Namespace != "" || q.Namespace == "" {
		return found, d.Namespace, err
	}
	found, err = v.listIn(r, q.Namespace)
	return found, q.Namespace, err
}

func (v *visit) listIn(r *http.Request, namespace string) (*v1alpha1.MaintenanceScheduleList, error) {
	cluster, err := v.cluster(namespace)
	if err != nil {
		return nil, err
	}
	return cluster.List(r.Context(), kubectlmaint.Selection{AllNamespaces: namespace == ""})
}

// scopeOf is the namespace whose changes a list is told of; empty: all.
func (d *dashboard) scopeOf(r *http.Request) string {
	return cmp.Or(d.Namespace, r.URL.Query().Get("scope"))
}

// notices are what an action says after it: an address names one, and cannot make up another.
var notices = map[string]string{
	"run":     "A run was requested. It begins as soon as no other run of this schedule is under way.",
	"plan":    "A run that only plans was requested. It changes nothing.",
	"suspend": "The schedule is suspended. A run that is under way goes on.",
	"resume":  "The schedule is resumed.",
	"approve": "The plan is approved: runs may carry out this very plan. If the schedule is kept in Git, write " +
		"spec.limits.allowPlan there, too.",
	"stop":     "The run was told to stop. It ends at its next batch, and what it did stays.",
	"dry-run":  "The dry run of the restore was created.",
	"restore":  "The restore was created.",
	"created":  "The schedule was created.",
	"imported": "The schedules were applied.",
}

func noticeOf(query url.Values) string { return notices[query.Get("done")] }
