package cronjob

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// throttled is a schedule with a throttle and, where it is not empty, with the annotation.
func throttled(t *testing.T, throttle v1alpha1.Throttle, priority v1alpha1.Priority, annotation string) *Resolved {
	t.Helper()
	ms := scheduleOf(v1alpha1.MaintenanceScheduleSpec{Task: jobspec.VerifyReferences, Schedule: "@daily",
		Throttle: throttle, Priority: priority})
	if annotation != "" {
		ms.Annotations = map[string]string{v1alpha1.AnnotationThrottle: annotation}
	}
	r, err := Resolve(ms, settings())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheThrottleIsAnArgument(t *testing.T) {
	for name, c := range map[string]struct {
		throttle   v1alpha1.Throttle
		priority   v1alpha1.Priority
		annotation string
		argument   string // empty: there is none
		want       v1alpha1.Throttle
		problem    bool
	}{
		"off": {v1alpha1.ThrottleOff, "", "", "--throttle=off", v1alpha1.ThrottleOff, false},
		"low": {v1alpha1.ThrottleLow, "", "", "--throttle=low", v1alpha1.ThrottleLow, false},
		"normal": {v1alpha1.ThrottleNormal, "", "", "--throttle=normal",
			v1alpha1.ThrottleNormal, false},
		"none":                   {"", "", "", "", v1alpha1.ThrottleLow, false},
		"none, of high priority": {"", v1alpha1.PriorityHigh, "", "", v1alpha1.ThrottleOff, false},
		"an annotation": {v1alpha1.ThrottleLow, "", "Off", "--throttle=off", v1alpha1.ThrottleOff,
			false},
		"an annotation in lower case": {"", "", "normal", "--throttle=normal", v1alpha1.ThrottleNormal, false},
		"an annotation that is no throttle": {v1alpha1.ThrottleNormal, "", "fast", "--throttle=normal",
			v1alpha1.ThrottleNormal, true},
		"an annotation that holds an option":   {"", "", "off --dry-run=false", "", v1alpha1.ThrottleLow, true},
		"an annotation with the job's default": {"", "", "by-priority", "", v1alpha1.ThrottleLow, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := throttled(t, c.throttle, c.priority, c.annotation)
			args := r.CronJob(false, time.Time{}).Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args
			has := slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--throttle=") })
			if has != (c.argument != "") || has && !slices.Contains(args, c.argument) {
				t.Errorf("%q", args)
			}
			if got := r.Throttle(); got != c.want {
				t.Errorf("its runs are to have %q, want %q", got, c.want)
			}
			if problem := r.ThrottleProblem(); (problem != "") != c.problem {
				t.Errorf("the problem is %q", problem)
			}
		})
	}
}

// What a pod was told last is its annotation, else its command line. One that reads no file cannot be told anything.
func TestAPodKnowsItsThrottle(t *testing.T) {
	for name, c := range map[string]struct {
		throttle v1alpha1.Throttle
		priority v1alpha1.Priority
		told     string
		args     func([]string) []string
		want     v1alpha1.Throttle
	}{
		"as the schedule says":     {v1alpha1.ThrottleNormal, "", "", nil, v1alpha1.ThrottleNormal},
		"as the priority says":     {"", v1alpha1.PriorityHigh, "", nil, v1alpha1.ThrottleOff},
		"told another":             {v1alpha1.ThrottleNormal, "", "Low", nil, v1alpha1.ThrottleLow},
		"told what is no throttle": {v1alpha1.ThrottleNormal, "", "fast", nil, v1alpha1.ThrottleNormal},
		"of the release before":    {"", "", "", func([]string) []string { return []string{"run", "verify-references"} }, ""},
		"without arguments":        {"", "", "", func([]string) []string { return nil }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			template := throttled(t, c.throttle, c.priority, "").jobSpec().Template
			pod := &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
			if c.told != "" {
				pod.Annotations = map[string]string{v1alpha1.AnnotationThrottle: c.told}
			}
			if c.args != nil {
				pod.Spec.Containers[0].Args = c.args(pod.Spec.Containers[0].Args)
			}
			if got := PodThrottle(pod); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	if got := PodThrottle(&corev1.Pod{}); got != "" {
		t.Errorf("a pod without containers: %q", got)
	}
}
