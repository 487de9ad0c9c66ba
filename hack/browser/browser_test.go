package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"ucorefs.io/maintenance/internal/testing/clustertest"
	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard"
	"ucorefs.io/maintenance/pkg/dashboard/access"
)

func TestMain(m *testing.M) { os.Exit(clustertest.Main(m)) }

// lab is a namespace with schedules in every state, the page before it, and one browser.
type lab struct {
	*clustertest.Cluster
	t         *testing.T
	namespace string
	base      string // the address of the page
	ctx       context.Context
}

func newLab(t *testing.T) *lab {
	t.Helper()
	return newLabIn(t, clustertest.Start(t).Namespace(t, nil))
}

// newLabIn is a lab in a namespace that is there.
func newLabIn(t *testing.T, namespace string) *lab {
	t.Helper()
	return newLabBefore(t, namespace, clustertest.Start(t).Admin)
}

// newLabBefore is a lab whose page asks another API server.
func newLabBefore(t *testing.T, namespace string, server *rest.Config) *lab {
	t.Helper()
	l := &lab{Cluster: clustertest.Start(t), t: t, namespace: namespace}
	way := access.NewLoopback("anna", server)
	page := dashboard.New(dashboard.Options{Namespace: l.namespace, Version: "v1.0.0"})
	l.base = l.serve(way.Protect(page).ServeHTTP)
	l.ctx = newBrowser(t)
	l.do(chromedp.Navigate(l.base+way.Path()), chromedp.WaitReady(chromedp.CSS("#content")))
	return l
}

// newBrowser starts Chromium, or skips the test where there is none.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("REQUIRE_ALL") == "1" {
			t.Fatal("chromium is not installed: run hack/tools/packages.sh")
		}
		t.Skip("chromium is not installed: run hack/tools/packages.sh")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses root
	}
	started, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(started)
	t.Cleanup(leave)
	if err := chromedp.Do(ctx); err != nil { // the first call starts the browser, which lives as long as its context
		t.Fatalf("start the browser: %v", err)
	}
	return ctx
}

// patience bounds one step in the browser: much longer than any takes on a busy machine.
const patience = 3 * time.Minute

func (l *lab) do(actions ...chromedp.Action[chromedp.Void]) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		l.t.Fatal(err)
	}
}

// eval is the value of an expression of JavaScript on the page.
func eval[T any](l *lab, expression string, options ...chromedp.EvaluateOption) T {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		l.t.Fatalf("%v: %.200s", err, expression)
	}
	return value
}

// open goes to a page. Chromium aborts that while the page before it goes on to another place by itself, as after the
// sign-in; it is then asked again.
func (l *lab) open(path string) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, patience)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Navigate(l.base+path))
	for tries := 0; err != nil && strings.Contains(err.Error(), "ERR_ABORTED") && tries < 5; tries++ {
		err = chromedp.Do(ctx, chromedp.Navigate(l.base+path))
	}
	if err != nil {
		l.t.Fatal(err)
	}
	l.do(chromedp.WaitReady(chromedp.CSS("#content")))
}

// size makes the window so wide and high.
func (l *lab) size(width, height int64) {
	l.t.Helper()
	l.do(chromedp.EmulateViewport(width, height))
}

// theme is what the visitor prefers: light or dark.
func (l *lab) theme(name string) {
	l.t.Helper()
	l.do(chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
		return err
	}))
}

// until waits for an expression of JavaScript to be true.
func (l *lab) until(what, expression string) {
	l.t.Helper()
	clustertest.Eventually(l.t, what, func() (bool, string) {
		return eval[bool](l, "Boolean("+expression+")"), expression
	})
}

// tab is another tab of the same browser.
func (l *lab) tab() *lab {
	l.t.Helper()
	other := *l
	ctx, leave := chromedp.NewContext(l.ctx)
	l.t.Cleanup(leave)
	if err := chromedp.Do(ctx); err != nil { // the first call opens it, which lives as long as its context
		l.t.Fatal(err)
	}
	other.ctx = ctx
	return &other
}

func (l *lab) path(name string) string {
	return "/namespaces/" + l.namespace + "/schedules/" + name
}

func (l *lab) read(name string) *v1alpha1.MaintenanceSchedule {
	l.t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{}
	ms.Namespace, ms.Name = l.namespace, name
	if err := l.Client.Get(l.t.Context(), keyOf(ms), ms); err != nil {
		l.t.Fatal(err)
	}
	return ms
}

// status writes a status, as the controller would.
func (l *lab) status(name string, change func(*v1alpha1.MaintenanceScheduleStatus)) {
	l.t.Helper()
	ms := l.read(name)
	change(&ms.Status)
	if err := l.Client.Status().Update(l.t.Context(), ms); err != nil {
		l.t.Fatal(err)
	}
}

// create makes a schedule that the controller has seen.
func (l *lab) create(name, task string, change func(*v1alpha1.MaintenanceSchedule)) {
	l.t.Helper()
	ms := &v1alpha1.MaintenanceSchedule{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name}}
	ms.Spec.Task, ms.Spec.Schedule, ms.Spec.TimeZone = v1alpha1.TaskName(task), "30 2 * * *", "Europe/Berlin"
	if change != nil {
		change(ms)
	}
	status := ms.Status
	if err := l.Client.Create(l.t.Context(), ms); err != nil {
		l.t.Fatal(err)
	}
	status.ObservedGeneration, status.LastOrder = ms.Generation, &v1alpha1.RunOrder{UID: ms.UID}
	ms.Status = status
	if err := l.Client.Status().Update(l.t.Context(), ms); err != nil {
		l.t.Fatal(err)
	}
}

// axe is axe-core.
func axe(t *testing.T) string {
	t.Helper()
	tools := os.Getenv("AXE")
	if tools == "" {
		tools = filepath.Join(filepath.Dir(os.Getenv("TOOLS_BIN")), "axe", "axe.min.js")
	}
	text, err := os.ReadFile(tools)
	if err != nil {
		if os.Getenv("REQUIRE_ALL") == "1" {
			t.Fatal("axe-core is missing: run hack/tools/axe.sh")
		}
		t.Skip("axe-core is missing: run hack/tools/axe.sh")
	}
	return string(text)
}
