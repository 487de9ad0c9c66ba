package cleanuporphanedfilerecords

import (
	"os"
	"strings"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/report"
)

// Every state of a root in which nothing is judged has a way on, and one approval is enough. Seen to fail when the
// digest of a root was not looked at, and when what a person accepted was not remembered.
func TestARootThatChangedIsJudgedAgainOnceAPersonAcceptsIt(t *testing.T) {
	for name, c := range map[string]struct {
		change func(l *lab)
		left   string // the records that are left in the end
	}{
		"its owner deleted the last file":  {func(l *lab) { l.remove("a", "b") }, ""},
		"an inbox whose files are all new": {func(l *lab) { l.remove("a", "b"); l.keep("new") }, "new"},
		"its marker was deleted":           {func(l *lab) { l.remove(files.Marker, "b") }, "a"},
		"another folder took its place": {func(l *lab) {
			l.must(os.Rename(l.root, l.root+".old"))
			l.write("a")
		}, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			l := fearless(t)
			l.o.GracePeriod = 24 * time.Hour
			l.keep("a", "b")
			l.settle()
			c.change(l)
			before := l.ids()
			refused := l.run()
			l.expect(refused, report.Refused, report.ReasonRootNotMounted, before)
			if !strings.Contains(refused.Message, "--allow-plan="+refused.PlanDigest) || refused.PlanDigest == "" {
				t.Fatalf("it does not say what to write: %s", refused.Message)
			}
			l.o.AllowPlan = refused.PlanDigest
			l.expect(l.run(), report.Succeeded, "", before) // what is missing waits

			l.o.AllowPlan = ""
			l.now = l.now.Add(25 * time.Hour)
			l.expect(l.run(), report.Succeeded, "", c.left)
		})
	}
}

// Seen to fail when any digest was accepted.
func TestARootInAnotherStateThanTheAcceptedOneIsRefused(t *testing.T) {
	l := fearless(t)
	l.keep("a", "b", "c")
	l.settle()
	l.remove(files.Marker, "a")
	l.o.AllowPlan = l.run().PlanDigest
	l.remove("b")
	l.expect(l.run(), report.Refused, report.ReasonRootNotMounted, "a b c")
}

// Seen to fail when an accepted root stayed accepted for good.
func TestARootThatWasAcceptedIsWatchedAgainOnceFilesAreInIt(t *testing.T) {
	l := fearless(t)
	l.keep("a")
	l.settle()
	l.remove("a")
	l.o.AllowPlan = l.run().PlanDigest
	l.expect(l.run(), report.Succeeded, "", "")
	l.o.AllowPlan = ""
	l.keep("b")
	l.expect(l.run(), report.Succeeded, "", "b")
	l.remove("b")
	l.expect(l.run(), report.Refused, report.ReasonRootNotMounted, "b")
}

// A dry run shows what an acceptance leads to, and remembers nothing.
func TestADryRunAcceptsNoRoot(t *testing.T) {
	l := fearless(t)
	l.keep("a", "b")
	l.settle()
	l.remove(files.Marker, "b")
	l.o.AllowPlan, l.o.DryRun = l.run().PlanDigest, true
	l.expect(l.run(), report.Succeeded, "", "a b")
	l.o.AllowPlan, l.o.DryRun = "", false
	l.expect(l.run(), report.Refused, report.ReasonRootNotMounted, "a b")
}
