package cronjob

import (
	"slices"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

func TestTheThrottleIsAnArgument(t *testing.T) {
	for throttle, want := range map[v1alpha1.Throttle]string{
		v1alpha1.ThrottleOff: "--throttle=off", v1alpha1.ThrottleLow: "--throttle=low",
		v1alpha1.ThrottleNormal: "--throttle=normal", "": "",
	} {
		spec := v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily", Throttle: throttle}
		r, err := Resolve(scheduleOf(spec), settings())
		if err != nil {
			t.Fatal(err)
		}
		args := r.CronJob(false, time.Time{}).Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args
		has := slices.ContainsFunc(args, func(arg string) bool { return len(arg) > 10 && arg[:10] == "--throttle" })
		if has != (want != "") || has && !slices.Contains(args, want) {
			t.Errorf("throttle %q: %q", throttle, args)
		}
	}
}
