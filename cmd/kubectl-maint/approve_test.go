package main

import (
	"strings"
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/report"
)

// refuse has a schedule whose last run refused the plan 12ab34.
func (l *lab) refuse(name string) {
	l.create(name, func(ms *v1alpha1.MaintenanceSchedule) {
		ms.Spec.Task = jobspec.CleanupOrphanedRecords
		ms.Spec.Limits = &v1alpha1.LimitsSpec{MaxDeletes: new(int32(7))}
	})
	l.maint("run", name).want(l.t, 0)
	l.EndPod(l.t, l.podOfRun(name), jobspec.ExitRefused, message(report.Refused, report.ReasonDeletionCapExceeded, false))
	l.until(name, "has a run", func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.LastRun != nil })
}

// Nothing is approved that a person did not see and say yes to.
func TestARefusedPlanIsApprovedByItsDigest(t *testing.T) {
	l := newLab(t)
	l.create("new", nil)
	l.maint("approve", "new").want(t, 1, "has not run yet", "kubectl maint plan new")
	l.refuse("gone")
	for name, c := range map[string]struct {
		answer string
		args   []string
		says   string
	}{
		"no answer":         {"", nil, "the plan is not approved"},
		"no":                {"n\n", nil, "the plan is not approved"},
		"a digest that was": {"y\n", []string{"99ff"}, "is 12ab34 and not 99ff"},
	} {
		l.maintIn(strings.NewReader(c.answer), append([]string{"approve", "gone"}, c.args...)...).want(t, 1, c.says)
		if got := l.schedule("gone").Spec.Limits.AllowPlan; got != "" {
			t.Errorf("%s: approved %s", name, got)
		}
	}
	l.maintIn(strings.NewReader("y\n"), "approve", "gone").want(t, 0, "filesChecked 182044", "for example:\n  file 7",
		"this very plan, 12ab34?", "kubectl maint run gone --wait")
	if limits := l.schedule("gone").Spec.Limits; limits.AllowPlan != "12ab34" || *limits.MaxDeletes != 7 {
		t.Errorf("the limits are %+v", limits)
	}
	l.maint("approve", "gone", "12ab34", "--yes").want(t, 1, "is approved already")
	l.maint("approve", "gone", "12ab34", "more").want(t, 64)
}

func TestAScriptApprovesTheDigestThatItKnows(t *testing.T) {
	l := newLab(t)
	l.refuse("gone")
	l.maint("approve", "gone", "12ab34", "--yes").want(t, 0)
	if got := l.schedule("gone").Spec.Limits.AllowPlan; got != "12ab34" {
		t.Errorf("approved %q", got)
	}
}

func TestARunThatWasNotRefusedHasNothingToApprove(t *testing.T) {
	l := newLab(t)
	l.create("nightly", nil)
	l.maint("run", "nightly").want(t, 0)
	l.EndPod(t, l.podOfRun("nightly"), 0, message(report.Succeeded, "", false))
	l.until("nightly", "has a run", func(ms *v1alpha1.MaintenanceSchedule) bool { return ms.Status.LastRun != nil })
	l.maint("approve", "nightly", "--yes").want(t, 1, "nothing to approve", "ended as Succeeded")
}
