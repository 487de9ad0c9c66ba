package schedule

import (
	"testing"
	"time"
)

func TestRunsIn(t *testing.T) {
	for text, c := range map[string]struct {
		spec Spec
		want int
	}{
		"every minute":          {Spec{Cron: "* * * * *"}, 60},
		"every 25 minutes":      {Spec{Interval: 25 * time.Minute}, 3},
		"every hour":            {Spec{Cron: "0 * * * *"}, 1},
		"twice within the hour": {Spec{Cron: "0,10 3 * * *"}, 6},
		"on leap days":          {Spec{Cron: "0 3 29 2 *"}, 1},
	} {
		t.Run(text, func(t *testing.T) {
			s, err := Resolve(c.spec)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.RunsIn(time.Hour); got != c.want {
				t.Errorf("%d runs, want %d", got, c.want)
			}
		})
	}
}
