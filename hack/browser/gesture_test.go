package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

const config = `{"maintenance": {"schedule": {"cache_cleanup": {"interval_hours": 6, "max_cache_size_gb": 5}, "log_rotation": {"interval_days": 1}}}}`

// drop drags a file from the desktop over the page, and lets it go.
func (l *lab) drop(file string) {
	l.t.Helper()
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: []string{file}, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter,
		input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		l.do(chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
			_, err := cdp.Call(ctx, page, input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: 200, Y: 200,
				Data: data})
			return err
		}))
	}
}

// A file that is dropped on the page is shown first, and applied only by a button.
func TestADroppedConfigBecomesSchedulesAfterAPreview(t *testing.T) {
	l := newLab(t)
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	l.open("/import")
	l.drop(file)
	l.until("the page shows what the file becomes",
		`[...document.querySelectorAll("summary")].map((s) => s.textContent).join(" ") === "cache-cleanup log-rotation"`)
	var made v1alpha1.MaintenanceScheduleList
	if err := l.Client.List(t.Context(), &made, client.InNamespace(l.namespace)); err != nil || len(made.Items) > 0 {
		t.Fatalf("%d schedules were applied before anybody saw them: %v", len(made.Items), err)
	}
	l.do(chromedp.Click(chromedp.CSS("button[value=apply]")))
	l.until("the list shows them",
		`[...document.querySelectorAll("#rows > tr th a")].map((a) => a.textContent).join(" ") === "cache-cleanup log-rotation"`)
}

// complaints are what the page's policy blocked, and what was loaded from elsewhere.
const complaints = `(() => {
	const blocked = window.blocked.takeRecords().map((r) => "blocked by the policy: " + r.body.blockedURL + " " + r.body.effectiveDirective);
	const foreign = performance.getEntriesByType("resource").map((e) => e.name).filter((name) => !name.startsWith(location.origin + "/"));
	return blocked.concat(foreign).join("\n");
})()`

// A cluster without a way out has all that the page needs, and its policy blocks nothing that the page does itself.
func TestThePageNeedsNothingFromElsewhere(t *testing.T) {
	l := newLab(t)
	l.fill()
	for name, path := range l.views() {
		l.open(path)
		eval[chromedp.Void](l, `window.blocked = new ReportingObserver(() => {}, {types: ["csp-violation"], buffered: true}); window.blocked.observe()`)
		if found := eval[string](l, complaints); found != "" {
			t.Errorf("%s: %s", name, found)
		}
	}
	eval[chromedp.Void](l, `document.body.append(Object.assign(document.createElement("img"), {src: "https://elsewhere.example/x"}))`)
	l.until("the check sees a picture from elsewhere", complaints)
}

// Without script, everything can be read, and a form works.
func TestThePageIsReadWithoutScript(t *testing.T) {
	l := newLab(t)
	l.fill()
	l.do(chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	for path, text := range map[string]string{"/": "the disk is being replaced",
		l.path("references-nightly"): "The next two weeks", "/import": "Or its text",
		l.path("gone-weekly"): "/library/photos/2019/IMG_0001.jpg", l.path("gone-weekly") + "/runs/" + nameOf("gone-weekly",
			0): "DeletionCapExceeded"} {
		l.open(path)
		if !eval[bool](l, `document.body.dataset.live === undefined`) {
			t.Error("a script runs")
		}
		if shown := eval[string](l, `document.getElementById("content").innerText`); !strings.Contains(shown, text) {
			t.Errorf("%s does not say %q:\n%s", path, text, shown)
		}
	}
	l.open(l.path("vectors-weekly"))
	l.do(chromedp.Click(chromedp.CSS(".actions button")))
	l.until("the page says that a run was requested",
		`document.querySelector(".notice")?.textContent.includes("A run was requested")`)
}
