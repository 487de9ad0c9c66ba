package throttle

import "testing"

func TestProcessesThatShareARunDivideItsLimits(t *testing.T) {
	for name, c := range map[string]struct {
		all  Limits
		n    int
		want Limits
	}{
		"one has all":                  {Low, 1, Low},
		"what is not limited stays so": {Off, 4, Off},
		"each has its part": {Normal, 2, Limits{Documents: 125_000, Files: 12_500, Latency: Normal.Latency,
			Cursors: 2}},
		"each has a cursor":       {Low, 4, Limits{Documents: 12_500, Files: 1_250, Latency: Low.Latency, Cursors: 1}},
		"each may take something": {Limits{Documents: 3, Files: 1}, 32, Limits{Documents: 1, Files: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.all.Of(c.n); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}
