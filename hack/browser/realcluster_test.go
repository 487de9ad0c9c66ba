//go:build realcluster

package browser

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

// TestOnARealCluster is started by hack/e2e: the dashboard is at $DASHBOARD, and lets in whoever has $TOKEN. In
// $NAMESPACE are the schedules gated, whose runs wait until the Service gate leads somewhere, and counts-nightly, whose
// run $COUNTED has ended.
func TestOnARealCluster(t *testing.T) {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		t.Fatal(err)
	}
	admin, err := client.New(config, client.Options{Scheme: clustertest.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{Cluster: &clustertest.Cluster{Admin: config, Client: admin}, t: t, namespace: os.Getenv("NAMESPACE"),
		base: os.Getenv("DASHBOARD"), ctx: newBrowser(t)}
	l.signIn(os.Getenv("TOKEN"))

	l.open("/")
	l.until("the list is live", `document.body.dataset.live`)
	eval[chromedp.Void](l, `window.here = true`)
	l.observe("gated", "planning")
	watched := plainWatch(l, config, "gated",
		func(ms *v1alpha1.MaintenanceSchedule) bool { return len(ms.Status.Active) > 0 })
	page := l.tab()
	page.open(l.path("gated"))
	page.until("the page of the schedule is live", `document.body.dataset.live`)
	page.do(chromedp.Click(chromedp.CSS(".actions button")))

	seen, shown := watched(), l.shown("planning") // how soon, TestARowFollowsItsStatusWithinTwoSeconds limits
	t.Logf("the row changed %v after a plain watch saw the status", shown.Sub(seen))
	l.until("the list was not loaded again", "window.here")
	l.followLog(page)
	l.restore(os.Getenv("COUNTED"))
}

// signIn pastes a token into the form.
func (l *lab) signIn(token string) {
	l.t.Helper()
	l.do(chromedp.Navigate(l.base+"/"), chromedp.WaitReady(chromedp.CSS("#token")),
		chromedp.SendKeys(chromedp.CSS("#token"), token+"\r"))
	l.until("the list is shown", `document.getElementById("content")`)
}

// followLog opens the run, whose log grows and ends while the page stays.
func (l *lab) followLog(page *lab) {
	l.t.Helper()
	run := l.read("gated").Status.Active[0].Run
	page.open(l.path("gated") + "/runs/" + run)
	page.until("the kubelet's log arrives", `document.getElementById("log").textContent.includes("idle")`)
	eval[chromedp.Void](page, `window.here = true`)
	gate := &corev1.Service{}
	gate.Namespace, gate.Name = l.namespace, "gate"
	patch := client.RawPatch("application/merge-patch+json",
		[]byte(`{"spec": {"selector": {"app.kubernetes.io/component": "controller"}}}`))
	if err := l.Client.Patch(l.t.Context(), gate, patch); err != nil {
		l.t.Fatal(err)
	}
	page.until("the log ends", `document.getElementById("log-end").textContent.includes("has ended")`)
	page.until("the page says how the run ended", `document.getElementById("progress").textContent.includes("Succeeded")`)
	page.until("the page was not loaded again", "window.here")
}

// restore has a dry run look for what a run took away, by a Job whose log the page shows. The run only corrected
// counters, so that there is nothing to put back, and the log says so.
func (l *lab) restore(run string) {
	l.t.Helper()
	path := l.path("counts-nightly") + "/runs/" + run + "/restore"
	l.open(path)
	l.do(chromedp.Click(chromedp.CSS(".card button:not(.danger)")))
	l.until("the dry run of the restore is created",
		`document.querySelector(".notice")?.textContent.includes("was created")`)
	clustertest.Eventually(l.t, "the dry run of the restore has ended, and its log is shown", func() (bool, string) {
		l.open(path)
		shown := eval[string](l, `document.getElementById("content").innerText`)
		return strings.Contains(shown, "has succeeded") && strings.Contains(shown, run+" took nothing: nothing to restore"),
			shown
	})
}
