package browser

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard/view"
)

// observed notes in the page when the row of a schedule first holds each text that matches.
const observed = `window.seen = {}; new MutationObserver(() => {
	for (const [text] of document.getElementById(%s)?.textContent.matchAll(%s) ?? []) window.seen[text] ??= Date.now();
}).observe(document.getElementById("rows"), {childList: true, subtree: true, characterData: true})`

// observe begins to note when a row first holds each text that matches the regular expression.
func (l *lab) observe(schedule, pattern string) {
	l.t.Helper()
	id, _ := json.Marshal("row/" + l.namespace + "/" + schedule) // a text can always be written
	eval[chromedp.Void](l, fmt.Sprintf(observed, id, "/"+pattern+"/g"))
}

// shown waits until the row held the text, and returns when it first did.
func (l *lab) shown(text string) time.Time {
	l.t.Helper()
	expression := fmt.Sprintf("window.seen[%q]", text)
	l.until("the row shows "+text, expression)
	return time.UnixMilli(eval[int64](l, expression))
}

// plainWatch tells when another client, which only watches, first sees a status that holds.
func plainWatch(l *lab, config *rest.Config, schedule string,
	holds func(*v1alpha1.MaintenanceSchedule) bool) func() time.Time {
	l.t.Helper()
	reader, err := client.NewWithWatch(config, client.Options{Scheme: clustertest.Scheme()})
	if err != nil {
		l.t.Fatal(err)
	}
	changes, err := reader.Watch(l.t.Context(), &v1alpha1.MaintenanceScheduleList{}, client.InNamespace(l.namespace))
	if err != nil {
		l.t.Fatal(err)
	}
	seen := make(chan time.Time, 1)
	go func() {
		defer changes.Stop()
		for change := range changes.ResultChan() {
			ms, ok := change.Object.(*v1alpha1.MaintenanceSchedule)
			if ok && change.Type != watch.Deleted && ms.Name == schedule && holds(ms) {
				seen <- time.Now()
				return
			}
		}
	}()
	return func() time.Time {
		l.t.Helper()
		select {
		case at := <-seen:
			return at
		case <-time.After(patience):
			l.t.Fatal("the watch did not see the change")
			return time.Time{}
		}
	}
}

// soon is how long the page may take after the status changed: two seconds, and more on a machine so busy that a plain
// watch is slow, too.
func soon(plain time.Duration) time.Duration { return 2*time.Second + 20*max(plain, 0) }

// From the write of a status to the row that shows it, without a load of the page.
func TestARowFollowsItsStatusWithinTwoSeconds(t *testing.T) {
	l := newLab(t)
	l.fill()
	l.open("/")
	l.until("the page is live", `document.body.dataset.live`)
	l.observe("vectors-weekly", `step-\d+`)
	for n := range 5 {
		step := fmt.Sprintf("step-%d", n)
		watched := plainWatch(l, l.Admin, "vectors-weekly", func(ms *v1alpha1.MaintenanceSchedule) bool {
			return len(ms.Status.Active) > 0 && ms.Status.Active[0].Progress.Name == step
		})
		written := time.Now()
		l.status("vectors-weekly", func(s *v1alpha1.MaintenanceScheduleStatus) {
			s.Active = []v1alpha1.ActiveRun{{Run: "vectors-now", StartedAt: ago(0),
				Progress: &v1alpha1.RunProgress{Time: *ago(0), Attempt: 1, Name: step}}}
		})
		plain, page := watched().Sub(written), l.shown(step).Sub(written)
		t.Logf("a plain watch sees it after %v, the page shows it after %v", plain, page)
		if page > soon(plain) {
			t.Errorf("the page took %v, a plain watch %v", page, plain)
		}
	}
}

// The API server is a process that is killed and started again: AWAY=30 go test -run TestThePageComesBack keeps it away
// for 30 seconds.
func TestThePageComesBackWithTheAPIServer(t *testing.T) {
	cluster := clustertest.Start(t)
	server := cluster.Replica(t)
	l := newLabBefore(t, cluster.Namespace(t, nil), server.Admin)
	l.fill()
	l.open("/")
	l.until("the page is live", `document.body.dataset.live`)
	eval[chromedp.Void](l, `window.here = true`)

	server.Stop()
	back := time.After(time.Duration(tooltest.Number(t, "AWAY", 2)) * time.Second)
	l.until("the page says that the API server is away",
		`document.getElementById("connection").textContent.includes("does not answer")`)
	late := l.tab()
	late.open("/")
	late.until("a page that is opened meanwhile says so", `document.querySelector("[data-retry]")`)
	l.status("vectors-weekly",
		func(s *v1alpha1.MaintenanceScheduleStatus) { s.Active = []v1alpha1.ActiveRun{{Run: "vectors-now"}} })
	<-back
	server.Start()

	row := fmt.Sprintf("document.getElementById(%q)", "row/"+l.namespace+"/vectors-weekly")
	l.until("the row shows what changed meanwhile", row+`.textContent.includes("running")`)
	l.until("the page says that all is well", `document.getElementById("connection").textContent === ""`)
	l.until("it was not loaded again", "window.here")
	late.until("the other page shows the list", `document.querySelectorAll("#rows > tr").length === 6`)
}

// visible tells the page whether it is visible, as the browser does when another tab is chosen. The driver keeps all
// tabs visible.
func (l *lab) visible(yes bool) {
	l.t.Helper()
	eval[chromedp.Void](l, fmt.Sprintf(`Object.defineProperty(document, "hidden", {value: %t, configurable: true}); document.dispatchEvent(new Event("visibilitychange"))`, !yes))
}

// A browser opens six connections to a server. Hidden tabs hold none of them, and are up to date once they are visible
// again. Seen to fail: the seventh tab did not load.
func TestAnyNumberOfTabsCanBeOpen(t *testing.T) {
	l := newLab(t)
	l.fill()
	l.open("/")
	l.until("the page is live", `document.body.dataset.live`)
	eval[chromedp.Void](l, `window.here = true`)
	l.visible(false)
	for range 7 {
		other := l.tab()
		other.open("/")
		other.until("another tab is live", `document.body.dataset.live`)
		other.visible(false)
	}
	l.status("vectors-weekly",
		func(s *v1alpha1.MaintenanceScheduleStatus) { s.Active = []v1alpha1.ActiveRun{{Run: "vectors-now"}} })
	l.visible(true)
	row := fmt.Sprintf("document.getElementById(%q)", "row/"+l.namespace+"/vectors-weekly")
	l.until("the first tab shows what changed while it was hidden", row+`.textContent.includes("running")`)
	l.until("it was not loaded again", "window.here")
}

// A row that comes, changes or goes has its place in the order that the visitor chose, and only what the search wants
// is shown.
func TestRowsKeepTheOrderOfTheList(t *testing.T) {
	l := newLab(t)
	l.fill()
	names := `[...document.querySelectorAll("#rows > tr th a")].map((a) => a.textContent).join(" ")`
	l.open("/?sort=state")
	l.until("the page is live", `document.body.dataset.live`)
	l.status("references-nightly",
		func(s *v1alpha1.MaintenanceScheduleStatus) { s.Active = []v1alpha1.ActiveRun{{Run: "now-1"}} })
	l.create("audio-nightly", "verify-references", func(ms *v1alpha1.MaintenanceSchedule) { usual(&ms.Status) })
	l.until("both rows are in their places",
		names+` === "logs-daily gone-weekly counts-nightly references-nightly audio-nightly vectors-weekly cache-hourly"`)

	l.open("/?state=never-ran&q=references")
	l.until("the page is live", `document.body.dataset.live`)
	l.create("books-nightly", "verify-references", func(ms *v1alpha1.MaintenanceSchedule) { usual(&ms.Status) })
	l.create("books-counts", "rebuild-all-counts", func(ms *v1alpha1.MaintenanceSchedule) { usual(&ms.Status) })
	l.until("the tally counts what the search finds",
		`document.querySelector("#tally .s-never-ran b").textContent === "2"`)
	l.until("only what the search wants is shown", names+` === "audio-nightly books-nightly"`)
	l.status("books-nightly",
		func(s *v1alpha1.MaintenanceScheduleStatus) { s.Active = []v1alpha1.ActiveRun{{Run: "now-2"}} })
	l.status("audio-nightly",
		func(s *v1alpha1.MaintenanceScheduleStatus) { s.Active = []v1alpha1.ActiveRun{{Run: "now-3"}} })
	l.until("a page without rows says so",
		`!document.getElementById("none").hidden && document.querySelectorAll("#rows > tr").length === 0`)
}

// The script goes on with the words of the server as time passes.
func TestTheScriptCountsTimeInTheWordsOfTheServer(t *testing.T) {
	l := newLab(t)
	l.open("/")
	now := time.Now()
	for _, d := range []time.Duration{0, 900 * time.Millisecond, -time.Second, 59 * time.Second, -119 * time.Second,
		59 * time.Minute, 173 * time.Minute,
		-21 * time.Hour, 10*time.Hour + 30*time.Minute, 69 * time.Hour, -24 * time.Hour, 400 * 24 * time.Hour} {
		want := view.NewMoment(now.Add(d), now, time.UTC).Relative
		if got := eval[string](l, fmt.Sprintf("relative(%f)", d.Seconds())); got != want {
			t.Errorf("%v: the script says %q, the server %q", d, got, want)
		}
	}
}
