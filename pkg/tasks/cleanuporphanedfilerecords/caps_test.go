package cleanuporphanedfilerecords

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/report"
)

// Seen to fail without the verdict of tasks.Capped.
func TestAboveTheCapsNothingGoesButByTheDigestOfThatVeryPlan(t *testing.T) {
	for name, limit := range map[string]func(l *lab){
		"more than 5 % of the root": func(l *lab) { l.keep("a", "b", "c") },
		"more than --max-deletes":   func(l *lab) { l.crowd(); l.keep("a", "b", "c"); l.o.MaxDeletes = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			limit(l)
			l.settle()
			l.remove("b", "c")
			l.run()
			l.now = l.now.Add(7 * day)
			refused := l.run()
			if refused.Outcome != report.Refused || refused.Reason != report.ReasonDeletionCapExceeded ||
				l.others() != "a b c" || len(l.sent) > 0 {
				t.Fatalf("%s/%s, records %q, writes %v", refused.Outcome, refused.Reason, l.others(), l.sent)
			}
			if refused.Counts["recordsDeleted"] != 0 || refused.Counts["recordsMissing"] != 2 ||
				!strings.Contains(refused.Message, refused.PlanDigest) || !strings.Contains(refused.Message, "2") {
				t.Errorf("counts %v: %s", refused.Counts, refused.Message)
			}
			l.o.AllowPlan = strings.Repeat("0", 64)
			if r := l.run(); r.Outcome != report.Refused || l.others() != "a b c" {
				t.Errorf("with the digest of another plan: %s, %q", r.Outcome, l.others())
			}
			l.o.AllowPlan = refused.PlanDigest
			if r := l.run(); r.Outcome != report.Succeeded || l.others() != "a" {
				t.Errorf("allowed: %s, %q: %s", r.Outcome, l.others(), r.Message)
			}
		})
	}
}

func TestTheShareIsThatOfEachRoot(t *testing.T) {
	l := newLab(t)
	l.crowd()
	l.keep("small/a", "small/b", "small/c")
	l.o.LibraryRoots = []string{l.on("crowd"), l.on("small")}
	l.o.GracePeriod = 0
	l.settle()
	l.remove("small/a", "small/b") // 2 of 43 in all, and of 3 in their root
	if r := l.run(); r.Outcome != report.Refused || !strings.Contains(r.Message, "2 of 3 records of root") {
		t.Errorf("%s: %s", r.Outcome, r.Message)
	}
}
