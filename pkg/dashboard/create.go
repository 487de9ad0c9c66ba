package dashboard

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/cronjob"
	"ucorefs.io/maintenance/pkg/dashboard/form"
	"ucorefs.io/maintenance/pkg/dashboard/view"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// creation is the form of a new schedule.
type creation struct {
	Name, NameError           string
	Namespace, NamespaceError string
	Fixed                     bool // the namespace is the only one there is
	Fields                    []form.Field
	Problems                  []string // that have no field
	Create                    Verdict
	Preview                   *preview // nil: nothing was checked, or something is wrong
}

// preview is what a schedule would be, as the API server has checked it.
type preview struct {
	YAML, Sentence string
	Zone           string
	Next           []*view.Moment
	Problem        string // why it could not run as it is; the API server stores it all the same
}

// newSchedule shows the empty form.
func (d *dashboard) newSchedule(v *visit, w http.ResponseWriter, r *http.Request) error {
	c := &creation{Namespace: cmp.Or(d.Namespace, r.URL.Query().Get("namespace"), "default"), Fixed: d.Namespace != ""}
	var err error
	if c.Fields, err = v.fields(r.Context()); err != nil {
		return err
	}
	c.Create = d.may(r.Context(), v, c.Namespace, createSchedules)
	d.render(v, w, http.StatusOK, "new", page{Title: "New schedule", Body: c})
	return nil
}

// createSchedule checks what was filled in, by a dry run of the API server, and creates the schedule where that was
// asked for.
func (d *dashboard) createSchedule(v *visit, w http.ResponseWriter, r *http.Request) error {
	c := &creation{Name: strings.TrimSpace(r.PostFormValue("name")),
		Namespace: strings.TrimSpace(r.PostFormValue("namespace")), Fixed: d.Namespace != ""}
	var err error
	if c.Fields, err = v.fields(r.Context()); err != nil {
		return err
	}
	spec, ok := form.Fill(c.Fields, r.PostFormValue)
	if !c.checkNames(d) || !ok {
		return d.showCreation(v, w, r, c, http.StatusUnprocessableEntity)
	}
	manifest := map[string]any{"apiVersion": v1alpha1.GroupVersion.String(), "kind": v1alpha1.Kind,
		"metadata": map[string]any{"name": c.Name, "namespace": c.Namespace}, "spec": spec}
	store := r.PostFormValue("do") == "create"
	made, err := v.create(r.Context(), c.Namespace, manifest, !store)
	switch {
	case err != nil && c.explain(err):
		return d.showCreation(v, w, r, c, http.StatusUnprocessableEntity)
	case err != nil:
		return err
	case store:
		d.Log.Info("a schedule was created", "namespace", made.Namespace, "schedule", made.Name)
		return redirect(w, place{made.Namespace, made.Name}.Address()+"?done=created")
	}
	c.Preview = newPreview(made, manifest, d.Clock())
	if err := v.refuseShared(r.Context(), made); err != nil {
		c.Preview.Problem = view.Text(err.Error())
	}
	return d.showCreation(v, w, r, c, http.StatusOK)
}

func (d *dashboard) showCreation(v *visit, w http.ResponseWriter, r *http.Request, c *creation, status int) error {
	c.Create = d.may(r.Context(), v, c.Namespace, createSchedules)
	d.render(v, w, status, "new", page{Title: "New schedule", Body: c})
	return nil
}

// checkNames refuses what could not be part of an address; the API server checks the rest.
func (c *creation) checkNames(d *dashboard) bool {
	if !names.MatchString(c.Name) {
		c.NameError = "Write lower-case letters, digits and dashes, such as nightly-counts."
	}
	if !d.shows(c.Namespace) {
		c.NamespaceError = "Write the name of a namespace that is shown here."
	}
	return c.NameError == "" && c.NamespaceError == ""
}

// fields are those of the resource's spec, from the API server itself: what it checks is what the form shows.
func (v *visit) fields(ctx context.Context) ([]form.Field, error) {
	document, err := v.kube.Discovery().RESTClient().Get().AbsPath("/openapi/v3/apis/" +
		v1alpha1.GroupVersion.String()).DoRaw(ctx)
	if apierrors.IsNotFound(err) {
		return nil, &notNow{"The API server has not published the schema of the resource. It does so some seconds after " +
			"the chart was installed: load this page again."}
	}
	if err != nil {
		return nil, fmt.Errorf("read the schema of %s: %w", v1alpha1.Kind, err)
	}
	fields, err := form.Parse(document, v1alpha1.Kind, members(reflect.TypeFor[v1alpha1.MaintenanceScheduleSpec]()))
	addTasks(fields)
	return fields, err
}

// addTasks makes the task a choice, which the schema leaves to the controller, and says to which task the parameters
// belong.
func addTasks(fields []form.Field) {
	for i := range fields {
		f := &fields[i]
		for _, task := range jobspec.Tasks() {
			if f.Name == "task" {
				f.Kind, f.Options = form.Choice, append(f.Options, task.Name)
			}
			if task.Member() == f.Name {
				f.For = strings.Join(task.Names(), " ")
			}
		}
	}
}

// members are the names of a type's members in JSON, in the order in which the type has them, which is that in which
// people read them.
func members(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if t.Field(i).Anonymous {
			names = append(names, members(t.Field(i).Type)...)
		} else {
			names = append(names, name)
		}
	}
	return names
}

func (v *visit) create(ctx context.Context, namespace string, manifest map[string]any,
	dryRun bool) (*v1alpha1.MaintenanceSchedule, error) {
	body, err := json.Marshal(manifest)
	if err != nil {
		return nil, err
	}
	cluster, err := v.cluster(namespace)
	if err != nil {
		return nil, err
	}
	return cluster.Create(ctx, body, dryRun)
}

func (v *visit) refuseShared(ctx context.Context, ms *v1alpha1.MaintenanceSchedule) error {
	cluster, err := v.cluster(ms.Namespace)
	if err != nil {
		return err
	}
	return cluster.RefuseShared(ctx, ms)
}

// explain puts the API server's words beside their fields, and tells whether the error is about what was filled in.
func (c *creation) explain(err error) bool {
	var status apierrors.APIStatus
	switch {
	case apierrors.IsAlreadyExists(err):
		c.NameError = "There is a schedule of that name already."
		return true
	case !errors.As(err, &status), !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) && !isNoNamespace(err):
		return false
	case isNoNamespace(err):
		c.NamespaceError = "There is no such namespace."
		return true
	}
	var complaints []form.Complaint
	if details := status.Status().Details; details != nil {
		for _, cause := range details.Causes {
			complaints = append(complaints, form.Complaint{Path: cause.Field, Words: plain(cause.Message)})
		}
	}
	if len(complaints) == 0 {
		complaints = []form.Complaint{{Words: plain(status.Status().Message)}}
	}
	for i := len(complaints) - 1; i >= 0; i-- {
		if strings.HasPrefix(complaints[i].Path, "metadata") || strings.HasPrefix(complaints[i].Words, "metadata.name") {
			c.NameError = complaints[i].Words
			complaints = append(complaints[:i], complaints[i+1:]...)
		}
	}
	c.Problems = form.Place(c.Fields, complaints)
	return true
}

func isNoNamespace(err error) bool {
	var status apierrors.APIStatus
	return apierrors.IsNotFound(err) && errors.As(err, &status) && status.Status().Details != nil &&
		status.Status().Details.Kind == "namespaces"
}

// plain leaves out what the API server writes before a rule's own message.
func plain(message string) string {
	if _, rule, ok := strings.Cut(message, `Invalid value: "object": `); ok {
		return view.Text(rule)
	}
	if rest, ok := strings.CutPrefix(message, "Invalid value: "); ok {
		if _, rule, ok := strings.Cut(rest, `": `); ok {
			return view.Text(rule)
		}
	}
	return view.Text(message)
}

// upcoming is how many times a preview shows.
const upcoming = 5

func newPreview(ms *v1alpha1.MaintenanceSchedule, manifest map[string]any, now time.Time) *preview {
	p := &preview{}
	if text, err := yaml.Marshal(manifest); err == nil {
		p.YAML = string(text)
	}
	resolved, err := cronjob.ScheduleOf(ms)
	if err != nil {
		p.Problem = view.Text(err.Error())
		return p
	}
	p.Sentence, p.Zone = resolved.Sentence(), resolved.Location().String()
	for _, at := range resolved.Upcoming(now, now, upcoming) {
		p.Next = append(p.Next, view.NewMoment(at, now, resolved.Location()))
	}
	return p
}
