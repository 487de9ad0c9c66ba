package browser

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/dashboard"
	"ucorefs.io/maintenance/pkg/dashboard/access"
)

// naive serves the same page as somebody would who forgot what is around it: everybody is the administrator, and no
// header forbids anything. Each attack here must succeed against it, else the test would prove nothing.
func (l *lab) naive() string {
	page := dashboard.New(dashboard.Options{Namespace: l.namespace})
	return l.serve(func(w http.ResponseWriter, r *http.Request) {
		page.ServeHTTP(w, r.WithContext(access.With(r.Context(), access.Visitor{Name: "anybody", Config: l.Admin,
			Key: "anybody"})))
	})
}

// serve is the address of a handler.
func (l *lab) serve(handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	l.t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server.URL
}

// elsewhere is a page of another site. To a browser, localhost and 127.0.0.1 are two sites.
func (l *lab) elsewhere(body string) string {
	address := l.serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, body)
	})
	return strings.Replace(address, "127.0.0.1", "localhost", 1)
}

// visit opens an address outside the dashboard.
func (l *lab) visit(address string) {
	l.t.Helper()
	l.do(chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS("body")))
}

// In a frame, visitors could be made to click what they do not see. A page on the same site as the dashboard tries: its
// frame has the visitor's cookie.
func TestAFrameStaysEmpty(t *testing.T) {
	l := newLab(t)
	for address, want := range map[string]bool{l.base: false, l.naive(): true} {
		outer := l.serve(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<iframe src="%s/" onload="document.body.dataset.loaded = true"></iframe>`, address)
		})
		l.visit(outer)
		l.until("the frame has loaded, or was refused", `document.body.dataset.loaded`)
		if got := l.isFramed(address); got != want {
			t.Errorf("naive: %t: the page is in the frame: %t", want, got)
		}
	}
}

// isFramed tells whether a frame of the page shows the address, and not an error of the browser.
func (l *lab) isFramed(address string) bool {
	l.t.Helper()
	framed := false
	l.do(chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		tree, err := cdp.Call(ctx, page, cdppage.GetFrameTree, cdp.Empty{})
		if err != nil {
			return err
		}
		for _, child := range tree.FrameTree.ChildFrames {
			framed = framed || strings.HasPrefix(child.Frame.URL, address) && child.Frame.UnreachableURL == ""
		}
		return nil
	}))
	return framed
}

// A page of another site sends a form in the name of a visitor who is signed in.
func TestAForgedFormChangesNothing(t *testing.T) {
	l := newLab(t)
	for address, name := range map[string]string{l.base: "protected", l.naive(): "naive"} {
		l.create(name, "verify-references", func(ms *v1alpha1.MaintenanceSchedule) { usual(&ms.Status) })
		l.visit(l.elsewhere(fmt.Sprintf(`<form method="post" action="%s%s/suspend"><input name="reason" value="forged"></form><script>document.forms[0].submit()</script>`,
			address, l.path(name))))
		l.until("the form was sent", fmt.Sprintf("location.href.startsWith(%q)", address))
		l.until("it was answered", `document.readyState === "complete"`)
		if suspended := l.read(name).Spec.Suspend; suspended != (name == "naive") {
			t.Errorf("%s: it is suspended: %t", name, suspended)
		}
	}
}

const hostile = `"><script>window.pwned = true</script><img src=x onerror="window.pwned = true"><a href="javascript:pwned=true">x</a>`

// A hostile status runs no script, in a browser that would run one.
func TestNoTextOfAStatusBecomesAScript(t *testing.T) {
	l := newLab(t)
	l.create("hostile", "verify-references", func(ms *v1alpha1.MaintenanceSchedule) {
		usual(&ms.Status)
		runs := nights("x", 3, broken)
		runs[0].Message, runs[0].Reason, runs[0].Outcome = hostile, hostile, "Failed"
		ended(&ms.Status, runs)
		ms.Status.Description, ms.Status.LastRun.Sample = hostile, []string{hostile}
	})
	for _, path := range []string{"/", l.path("hostile")} {
		l.open(path)
		l.until("the page is live", `document.body.dataset.live`)
		l.status("hostile", func(s *v1alpha1.MaintenanceScheduleStatus) { s.Description = hostile + time.Now().String() })
		l.until("nothing ran", `window.pwned === undefined && document.images.length === 0`)
	}
	naive := template.Must(template.New("").Parse(`<!doctype html><p title="{{.}}">{{.}}</p>`))
	l.visit(l.serve(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_ = naive.Execute(w, hostile) // a browser that went away fails the test anyway
	}))
	l.until("a page that does not escape runs it", `window.pwned`)
}
