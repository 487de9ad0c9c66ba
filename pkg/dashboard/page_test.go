package dashboard

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/view"
)

func TestWithoutAVisitorNothingIsServed(t *testing.T) {
	handler := New(Options{})
	for path, want := range map[string]int{"/": 401, "/new": 401, "/namespaces/a/schedules/b": 401, "/events": 401,
		"/assets/page.css": 200, "/assets/page.js": 200} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

// refused is a schedule whose last run refused its plan.
func refused(ms *v1alpha1.MaintenanceSchedule) {
	ms.Spec.Task = "cleanup-orphaned-file-records"
	now := metav1.NewTime(time.Now().Add(-time.Hour))
	run := v1alpha1.RunSummary{Run: "gone-1", Trigger: v1alpha1.TriggerScheduled, Outcome: "Refused",
		Reason:  "DeletionCapExceeded",
		Message: "1204 deletions are planned and the limits allow 1000", StartedAt: &now, FinishedAt: &now, Duration: "12.4s",
		Attempts: 2,
		Counts:   map[string]int64{"filesChecked": 182044, "recordsMissing": 1204}}
	ms.Status.LastRun = &v1alpha1.RunResult{RunSummary: run, Task: "cleanup-orphaned-file-records",
		PlanDigest: "sha256:0123abcd",
		Sample:     []string{"/photos/a.jpg"}, Warnings: []string{"a root was slow"}}
	ok := run
	ok.Run, ok.Outcome, ok.Reason, ok.Message, ok.Attempts = "gone-0", "Succeeded", "", "fine", 1
	ms.Status.History = []v1alpha1.RunSummary{run, ok}
	ms.Status.MissedRuns = map[string]int64{"Overlap": 2}
}

func TestThePagesShowWhatTheStatusHolds(t *testing.T) {
	l := newLab(t)
	server := l.page(l.admin())
	get(t, server, "/").want(t, 200, "There is no schedule yet", "kubectl maint import")
	l.create("gone-weekly", refused)
	get(t, server, "/").want(t, 200, "gone-weekly", "refused", "182,044 files checked, 1,204 records missing",
		"<svg class=\"strip\"")
	get(t, server, "/?state=ok").want(t, 200, "No schedule matches")
	get(t, server, l.address("gone-weekly")).want(t, 200, "sha256:0123abcd", "/photos/a.jpg", "a root was slow",
		"2 attempts",
		"Overlap", "an earlier run was still under way", "kind: MaintenanceSchedule",
		"There are none. Kubernetes keeps Events")
	get(t, server, l.address("gone-weekly")+"/runs/gone-1").want(t, 200, "gone-1", "has no pod")
	happened := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: "gone-weekly.1"},
		Type: "Warning", Reason: "RunRefused", Message: "too much <b>to delete</b>",
		InvolvedObject: corev1.ObjectReference{Kind: v1alpha1.Kind, Namespace: l.namespace, Name: "gone-weekly"},
		LastTimestamp:  metav1.Now(), Count: 3}
	if err := l.Client.Create(t.Context(), happened); err != nil {
		t.Fatal(err)
	}
	get(t, server, l.address("gone-weekly")).want(t, 200, "Warning: RunRefused", "too much &lt;b&gt;to delete", "3 times")
	get(t, server, l.address("no-such")).want(t, 404, "There is no such schedule")
	get(t, server, "/namespaces/elsewhere/schedules/x").want(t, 404, "There is no such page")
	get(t, server, "/nothing").want(t, 404, "There is no such page")
}

func TestAnActionIsThePatchThatKubectlMaintMakes(t *testing.T) {
	l := newLab(t)
	server := l.page(l.admin())
	l.create("nightly", nil)
	l.create("gone", refused)
	nightly, gone := l.address("nightly"), l.address("gone")

	if a := post(t, server, nightly+"/run", nil); a.status != 303 || a.place != nightly+"?done=run" {
		t.Errorf("run: %+v", a)
	}
	if value := l.read("nightly").Annotations[v1alpha1.AnnotationRunNow]; !strings.HasPrefix(value, "run:") {
		t.Errorf("run-now is %q", value)
	}
	post(t, server, nightly+"/plan", nil)
	if value := l.read("nightly").Annotations[v1alpha1.AnnotationRunNow]; !strings.HasPrefix(value, "plan:") {
		t.Errorf("run-now is %q", value)
	}
	post(t, server, nightly+"/suspend", url.Values{"reason": {"a disk <b>is</b> replaced"}})
	if ms := l.read("nightly"); !ms.Spec.Suspend ||
		ms.Annotations[v1alpha1.AnnotationSuspendReason] != "a disk <b>is</b> replaced" {
		t.Errorf("suspended: %v %v", ms.Spec.Suspend, ms.Annotations)
	}
	post(t, server, nightly+"/resume", nil)
	if l.read("nightly").Spec.Suspend {
		t.Error("it was not resumed")
	}
	post(t, server, gone+"/approve", url.Values{"digest": {"sha256:0123abcd"}}).want(t, 409,
		"type the name of the schedule")
	post(t, server, gone+"/approve", url.Values{"digest": {"sha256:other"}, "confirm": {"gone"}}).want(t, 409,
		"The plan has changed")
	if limits := l.read("gone").Spec.Limits; limits != nil {
		t.Errorf("the limits are %v", limits)
	}
	post(t, server, gone+"/approve", url.Values{"digest": {"sha256:0123abcd"}, "confirm": {"gone"}})
	if limits := l.read("gone").Spec.Limits; limits == nil || limits.AllowPlan != "sha256:0123abcd" {
		t.Errorf("the limits are %v", limits)
	}
	post(t, server, gone+"/stop", nil).want(t, 409, "is not under way any more")
	post(t, server, gone+"/erase", nil).want(t, 404)
}

// A Role may name the objects that somebody may change.
func TestWhoMayChangeOneScheduleCanChangeThatOne(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.create("weekly", nil)
	change := rbacv1.PolicyRule{
		APIGroups: []string{v1alpha1.Group}, Resources: []string{"maintenanceschedules"}, Verbs: []string{"patch"},
		ResourceNames: []string{"nightly"},
	}
	server := l.page(l.visitor("keeper", viewRule, change))
	get(t, server, l.address("nightly")).want(t, 200, `<button>Run now</button>`)
	get(t, server, l.address("weekly")).want(t, 200, `<button disabled>Run now</button>`)
	post(t, server, l.address("nightly")+"/suspend", url.Values{"reason": {"a new disk"}}).want(t, 303)
	post(t, server, l.address("weekly")+"/suspend", url.Values{"reason": {"a new disk"}}).want(t, 403,
		"cannot patch resource")
}

func TestWhoMayOnlyLookCanDoNothing(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.create("gone", refused)
	l.create("busy", func(ms *v1alpha1.MaintenanceSchedule) { ms.Status.Active = []v1alpha1.ActiveRun{{Run: "busy-1"}} })
	server := l.page(l.visitor("viewer", viewRule))
	get(t, server, "/").want(t, 200,
		"You need the right to create maintenanceschedules.maintenance.ucorefs.io in the namespace "+l.namespace)
	get(t, server, l.address("gone")).want(t, 200,
		"You need the right to patch maintenanceschedules.maintenance.ucorefs.io in the namespace "+l.namespace,
		`<button disabled>Run now</button>`, "You need the right to list events")
	for _, path := range []string{"/run", "/plan", "/suspend", "/resume"} {
		post(t, server, l.address("nightly")+path, nil).want(t, 403, "You may not do that", "cannot patch resource")
	}
	post(t, server, l.address("gone")+"/approve", url.Values{"digest": {"sha256:0123abcd"}, "confirm": {"gone"}}).want(t,
		403, "cannot patch resource")
	get(t, server, l.address("busy")).want(t, 200, "<button class=\"danger\" disabled>Stop busy-1</button>",
		"You need the right to delete jobs.batch")
	post(t, server, l.address("busy")+"/stop", url.Values{"run": {"busy-1"}}).want(t, 403, "cannot delete resource")
	post(t, server, "/import", url.Values{"config": {goodConfig}, "namespace": {l.namespace}, "do": {"apply"}}).want(t,
		422, "cannot patch resource", "(rejected)")
	if l.exists("cache-cleanup") {
		t.Error("a viewer imports schedules")
	}
	l.published(server)
	post(t, server, "/new", url.Values{"name": {"x"}, "namespace": {l.namespace}, "spec.task": {"verify-references"},
		"spec.interval": {"6h"}}).want(t, 403, "cannot create resource")
	if ms := l.read("nightly"); len(ms.Annotations) > 0 || ms.Spec.Suspend {
		t.Errorf("it was changed: %v", ms)
	}
	if strings.Contains(l.log.String(), "an action was taken") {
		t.Errorf("the log says that something was done:\n%s", l.log.String())
	}
}

// Nothing runs, and no password is shown. The same templates without escaping show that the check would find it.
func TestHostileTextsAreInert(t *testing.T) {
	l := newLab(t)
	const script, uri = `"><script>alert(1)</script><img src=x onerror=alert(1)>`, "mongodb://root:hunter2@db/x"
	l.create("hostile", func(ms *v1alpha1.MaintenanceSchedule) {
		refused(ms)
		ms.Annotations = map[string]string{v1alpha1.AnnotationSuspendReason: script + uri}
		ms.Spec.Suspend = true
		run := &ms.Status.LastRun.RunSummary
		run.Run, run.Reason, run.Message, run.Duration = script, script, script+" "+uri, script
		run.Counts = map[string]int64{script: 7}
		ms.Status.History = []v1alpha1.RunSummary{*run, *run}
		ms.Status.LastRun.Sample, ms.Status.LastRun.Warnings, ms.Status.LastRun.PlanDigest = []string{script + uri},
			[]string{script, uri}, script
		ms.Status.Active = []v1alpha1.ActiveRun{{Run: script, Progress: &v1alpha1.RunProgress{Time: metav1.Now(), Attempt: 1,
			Name: script, TimeLeft: script}}}
		ms.Status.Description, ms.Status.NextRun, ms.Status.TimeZone, ms.Status.Message = script, script, script, script+uri
		ms.Status.MissedRuns = map[string]int64{script: 1}
		ms.Status.LastMissed = &v1alpha1.MissedRun{Time: metav1.Now(), Reason: script, Message: script + uri}
		ms.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionRunBlocked, Status: metav1.ConditionTrue,
			Reason: "X", Message: script + uri, LastTransitionTime: metav1.Now()}}
	})
	server := l.page(l.admin())
	for _, path := range []string{"/", "/?q=" + url.QueryEscape(script), "/?state=" + url.QueryEscape(script),
		l.address("hostile"), l.address("hostile") + "?done=" + url.QueryEscape(script),
		l.address("hostile") + "/runs/hostile-1"} {
		a := get(t, server, path)
		a.want(t, 200)
		if found := liveParts(a.body); len(found) > 0 {
			t.Errorf("%s holds %q:\n%s", path, found, a.body)
		}
	}
	if strings.Contains(l.log.String(), "hunter2") {
		t.Error("the log has the secret")
	}
	ms := l.read("hostile")
	if diff := cmp.Diff([]string{"<script>", "<img"}, liveParts(naivePage(t, ms))); diff != "" {
		t.Errorf("the same templates, with nothing escaped (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"hunter2"}, liveParts(ms.Status.LastRun.Sample[0][len(script):])); diff != "" {
		t.Errorf("a text as the API server has it (-want +got):\n%s", diff)
	}
}

// liveParts are what of a page would run, or should be seen by nobody.
func liveParts(body string) (found []string) {
	for _, part := range []string{"<script>", "<img", "hunter2", "javascript:"} {
		if strings.Contains(body, part) {
			found = append(found, part)
		}
	}
	return found
}

// naivePage is the page of a schedule by a program that escapes nothing: the templates are the same.
func naivePage(t *testing.T, ms *v1alpha1.MaintenanceSchedule) string {
	t.Helper()
	naive, err := template.New("frame").Funcs(template.FuncMap(functions)).ParseFS(files, "templates/frame.html",
		"templates/parts.html", "templates/schedule.html")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	body := detail{Detail: view.NewDetail(ms, time.Now())}
	if err := naive.ExecuteTemplate(&out, "frame", page{Title: "hostile", Body: body}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// However many schedules there are, the list reads them with one request.
func TestAListIsOneRequest(t *testing.T) {
	l := newLab(t)
	asked := 0
	config := countRequests(l.Admin, &asked)
	for n := range 300 {
		l.create(fmt.Sprintf("s-%03d", n), func(ms *v1alpha1.MaintenanceSchedule) { refused(ms) })
	}
	server := l.page(visitorOf(config))
	a := get(t, server, "/")
	a.want(t, 200, "s-299")
	if rows := bytes.Count([]byte(a.body), []byte(`<tr role="row" id="row/`)); rows != 300 {
		t.Errorf("there are %d rows", rows)
	}
	if asked > 2 { // the list, and the right to make another schedule
		t.Errorf("the API server was asked %d times", asked)
	}
}
