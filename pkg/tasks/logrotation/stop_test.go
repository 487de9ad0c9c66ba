package logrotation

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/tooltest"
	"ucorefs.io/maintenance/pkg/report"
)

// countdown is a context that ends when it was asked n times.
type countdown struct {
	context.Context
	n *int
}

func (c countdown) Err() error {
	if *c.n--; *c.n < 0 {
		return context.Canceled
	}
	return nil
}

// Seen to fail when a compression that was cut short left its temporary file.
func TestARunThatIsStoppedLeavesNothingHalfDone(t *testing.T) {
	for _, truncate := range []bool{false, true} {
		for at := 0; ; at++ {
			dir := t.TempDir()
			written := lay(t, dir)
			o := options(dir, 20)
			o.CompressLogs, o.LogCopyTruncate, o.CompressZstd = true, truncate, truncate
			n := at
			_, err := prepare(t, o, now).Execute(countdown{t.Context(), &n}, nil)
			checkLines(t, at, lines(t, dir), written, truncate)
			checkTidy(t, at, tree(t, dir))
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
	}
}

func TestALogThatCannotBeRotatedDoesNotKeepTheOthers(t *testing.T) {
	tooltest.AsNobody(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a-fixed/app.log"), "large enough\n")
	write(t, filepath.Join(dir, "b/app.log"), "large enough\n")
	if err := os.Chmod(filepath.Join(dir, "a-fixed"), 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "a-fixed"), 0o755) })
	_, done := rotate(t, options(dir, 3), now)
	if v := done.Verdict; v == nil || v.Outcome != report.Partial || v.Reason != report.ReasonNotPermitted {
		t.Errorf("verdict %+v", v)
	}
	if done.Counts["filesRotated"] != 1 || len(done.Warnings) != 1 || !strings.Contains(done.Warnings[0],
		"a-fixed/app.log") {
		t.Errorf("%+v", done)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "a-fixed/app.log")); err != nil || string(text) != "large enough\n" {
		t.Errorf("%q, %v", text, err)
	}
}
