package progress

import (
	"math"
	"testing"
	"time"
)

// No rest of time is negative or endless, and no rate a number that is none, whatever the figures. Must fail with a
// rest of
// -2562047h47m16s.
func TestNoFigureLeavesItsBounds(t *testing.T) {
	for name, s := range map[string]State{
		"almost nothing done":    {Done: 1, Total: math.MaxInt64, Started: start},
		"all there is done":      {Done: math.MaxInt64, Total: math.MaxInt64, Started: start},
		"more done than total":   {Done: 10, Total: 1, Started: start},
		"large figures":          {Done: math.MaxInt64 / 2, Total: math.MaxInt64, Started: start},
		"less than nothing done": {Done: -5, Total: 10, Started: start},
	} {
		t.Run(name, func(t *testing.T) {
			for _, passed := range []time.Duration{-time.Hour, 0, 1, time.Hour, math.MaxInt64} {
				now := start.Add(passed)
				left, known := s.Left(now)
				if left < 0 || left > mostLeft || known && s.Done <= 0 {
					t.Errorf("after %s it takes %s more", passed, left)
				}
				if rate := int64(s.Rate(now)); rate < 0 {
					t.Errorf("after %s there are %d a second", passed, rate)
				}
			}
			if p := s.percent(); p < 0 || p > 100 {
				t.Errorf("%d%%", p)
			}
		})
	}
	for _, text := range []string{`{"step":1,"left":9000000000000000000}`, `{"step":1,"left":-2}`,
		`{"step":1,"rate":-1}`} {
		if l, err := ParseLive([]byte(text)); err == nil {
			t.Errorf("%s is believed: %+v", text, l)
		}
	}
}
