package schedulestatus

import (
	"testing"

	"ucorefs.io/maintenance/pkg/api/v1alpha1"
)

func TestThePaceOfARun(t *testing.T) {
	const slow = "the database takes 400ms to answer, usually 20ms"
	for name, c := range map[string]struct {
		progress *v1alpha1.RunProgress
		want     string
	}{
		"nobody knows":          {nil, ""},
		"of the release before": {&v1alpha1.RunProgress{PerSecond: 100}, ""},
		"without a limit":       {&v1alpha1.RunProgress{PerSecond: 100, Throttle: "Off"}, "100 a second (throttle Off)"},
		"with a limit": {&v1alpha1.RunProgress{PerSecond: 100, Throttle: "Low", MaxPerSecond: 50_000},
			"100 a second of at most 50000 (throttle Low)"},
		"slowed": {&v1alpha1.RunProgress{PerSecond: 100, Throttle: "Low", MaxPerSecond: 3125, SlowedBy: slow},
			"100 a second of at most 3125 (throttle Low), slowed because " + slow},
	} {
		if got := Pace(c.progress); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	running := &v1alpha1.RunProgress{Step: 1, Name: "reading", PerSecond: 5, Throttle: "Off"}
	if got := Progress(running); got != ", step 1, reading, 5 a second (throttle Off)" {
		t.Errorf("%q", got)
	}
}
