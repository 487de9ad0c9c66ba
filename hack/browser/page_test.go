package browser

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// A run starts, and the row changes without a load of the page, and no other row with it.
func TestARowChangesByItself(t *testing.T) {
	l := newLab(t)
	l.fill()
	l.open("/")
	l.until("the page is live", `document.body.dataset.live`)
	eval[chromedp.Void](l, `window.here = true; document.querySelectorAll("#rows > tr").forEach((r) => r.mark = true)`)
	l.status("vectors-weekly", func(s *v1alpha1.MaintenanceScheduleStatus) {
		s.Active = []v1alpha1.ActiveRun{{Run: "vectors-now", StartedAt: ago(0)}}
	})
	row := fmt.Sprintf("document.getElementById(%q)", "row/"+l.namespace+"/vectors-weekly")
	l.until("the row says that it runs", row+`.textContent.includes("running")`)
	l.until("the page was not loaded again", "window.here")
	l.until("one row was changed", `[...document.querySelectorAll("#rows > tr")].filter((r) => !r.mark).length === 1`)
}

// Every action is reached and done with the keyboard alone.
func TestARunIsAskedForWithTheKeyboard(t *testing.T) {
	l := newLab(t)
	l.fill()
	l.open(l.path("vectors-weekly"))
	l.do(chromedp.Focus(chromedp.CSS(".skip")))
	for n := 0; ; n++ {
		l.do(chromedp.KeyEvent(kb.Tab))
		if eval[string](l, `document.activeElement.textContent`) == "Run now" {
			break
		}
		if n > 50 {
			t.Fatal("no key leads to Run now")
		}
	}
	l.do(chromedp.KeyEvent(kb.Enter))
	l.until("the page says that a run was asked for",
		`document.querySelector(".notice")?.textContent.includes("A run was requested")`)
	if value := l.read("vectors-weekly").Annotations[v1alpha1.AnnotationRunNow]; !strings.HasPrefix(value, "run:") {
		t.Errorf("run-now is %q", value)
	}
}

// What somebody types is not taken away by a change.
func TestAChangeLeavesWhatIsBeingTyped(t *testing.T) {
	l := newLab(t)
	l.fill()
	l.open(l.path("references-nightly"))
	l.until("the page is live", `document.body.dataset.live`)
	l.do(chromedp.SendKeys(chromedp.CSS("#reason"), "a disk"))
	l.status("references-nightly",
		func(s *v1alpha1.MaintenanceScheduleStatus) { s.Active = []v1alpha1.ActiveRun{{Run: "now-1"}} })
	l.until("the state changed", `document.querySelector("#summary").textContent.includes("running")`)
	l.until("the reason stays", `document.querySelector("#reason").value === "a disk"`)
}

// views are all pages, by a name.
func (l *lab) views() map[string]string {
	return map[string]string{"list": "/", "schedule": l.path("references-nightly"), "refused": l.path("gone-weekly"),
		"running":   l.path("counts-nightly"),
		"suspended": l.path("cache-hourly"), "new": "/new", "import": "/import", "nothing": "/nothing",
		"run":   l.path("gone-weekly") + "/runs/" + nameOf("gone-weekly", 0),
		"empty": "/?state=stalled"}
}

// runAxe is what axe-core finds on the page, in words; empty: nothing.
const runAxe = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((result) =>
	result.violations.map((v) => v.id + ": " + v.help + "\n" + v.nodes.slice(0, 3).map((n) => n.html + "\n" + n.failureSummary).join("\n")).join("\n"))`

func TestAxeFindsNothing(t *testing.T) {
	script := axe(t)
	l := newLab(t)
	l.fill()
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{360, 1280} {
			l.theme(theme)
			l.size(width, 900)
			for name, path := range l.views() {
				t.Run(fmt.Sprintf("%s %s %d", name, theme, width), func(t *testing.T) {
					l.open(path)
					eval[chromedp.Void](l, `document.querySelectorAll("details").forEach((d) => d.open = true); document.getAnimations().forEach((a) => a.finish())`)
					eval[chromedp.Void](l, script)
					if found := eval[string](l, runAxe, chromedp.EvalAwaitPromise); found != "" {
						t.Error(found)
					}
					if eval[bool](l, `document.documentElement.scrollWidth > innerWidth`) {
						t.Error("the page is wider than the window")
					}
				})
			}
		}
	}
}

// All schedules are on one page, however many there are: SCHEDULES=1000 go test -run TestManySchedules -v tells how
// long it takes to open.
func TestManySchedules(t *testing.T) {
	n := tooltest.Number(t, "SCHEDULES", 50)
	l := newLab(t)
	for i := range n {
		l.create(fmt.Sprintf("schedule-%04d", i), "verify-references", func(ms *v1alpha1.MaintenanceSchedule) {
			usual(&ms.Status)
			ended(&ms.Status, nights(ms.Name, 10, broken))
		})
	}
	for range 3 {
		l.open("/")
		if rows := eval[int](l, `document.querySelectorAll("#rows > tr").length`); rows != n {
			t.Errorf("there are %d rows of %d", rows, n)
		}
		t.Log(eval[string](l, `(() => { const [n] = performance.getEntriesByType("navigation");
			return "first byte " + Math.round(n.responseStart) + " ms, first paint " + Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime) + " ms, whole page " + Math.round(n.domContentLoadedEventEnd) + " ms, " + n.decodedBodySize + " bytes, " + n.encodedBodySize + " on the wire" })()`))
	}
}

// The screenshots of the documentation. SCREENSHOTS names their folder, from the repository's; without it nobody sees
// them.
func TestScreenshots(t *testing.T) {
	folder := cmp.Or(os.Getenv("SCREENSHOTS"), t.TempDir())
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(tooltest.Root(), folder)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ucorefs"}}
	if err := clustertest.Start(t).Client.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	l := newLabIn(t, namespace.Name)
	l.fill()
	for name, shot := range map[string]struct {
		path, theme   string
		width, height int64
	}{
		"list-light":     {"/", "light", 1280, 860},
		"list-dark":      {"/", "dark", 1280, 860},
		"list-narrow":    {"/", "light", 360, 800},
		"schedule-light": {l.path("references-nightly"), "light", 1280, 1400},
		"refused-dark":   {l.path("gone-weekly"), "dark", 1280, 1000},
		"new-light":      {"/new", "light", 1280, 900},
	} {
		l.theme(shot.theme)
		l.size(shot.width, shot.height)
		l.open(shot.path)
		picture, err := chromedp.Run(l.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "dashboard-"+name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
