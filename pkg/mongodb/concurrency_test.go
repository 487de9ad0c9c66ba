package mongodb

import (
	"testing"
	"time"
)

func TestACrewGrowsAsLongAsThatIsWorthwhile(t *testing.T) {
	for name, c := range map[string]struct {
		rate func(cursors int) int // documents a second that so many cursors give together
		most int
		want int
	}{
		"each cursor gives as much":           {func(n int) int { return 10_000 * n }, 8, 8},
		"no more than the limit":              {func(n int) int { return 10_000 * n }, 4, 4},
		"one is the limit":                    {func(n int) int { return 10_000 * n }, 1, 1},
		"one gives all":                       {func(n int) int { return 10_000 }, 8, 1},
		"two give all":                        {func(n int) int { return 10_000 * min(n, 2) }, 8, 2},
		"more than four get into the way":     {func(n int) int { return 10_000 * min(n, 4) / max(n/4, 1) }, 8, 4},
		"twice as many give a little more":    {func(n int) int { return 10_000 + 1_000*n }, 8, 1},
		"a slow server, that bears as many":   {func(n int) int { return 100 * n }, 8, 8},
		"a limit that is no power of two":     {func(n int) int { return 10_000 * n }, 6, 4},
		"a server at the speed of the memory": {func(n int) int { return 5_000_000 }, 8, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := usual(c.rate, c.most); got != c.want {
				t.Errorf("%d cursors most of the time, want %d", got, c.want)
			}
		})
	}
}

// usual is how many cursors there are most of the time. Each batch ends a range.
func usual(rate func(cursors int) int, most int) (usual int) {
	now, working := time.Unix(0, 0), 1
	c := newConcurrency(now, func() int { return most })
	const batch = 1000
	had := map[int]time.Duration{}
	for range 20_000 {
		took := time.Duration(batch) * time.Second / time.Duration(rate(working))
		now = now.Add(took)
		had[working] += took
		working += c.took(now, batch)
		if !c.goesOn() {
			working--
		}
		if had[working] > had[usual] {
			usual = working
		}
	}
	return usual
}

// The machine does something else for the first seconds.
func TestACrewTriesAgain(t *testing.T) {
	began, now, working := time.Unix(0, 0), time.Unix(0, 0), 1
	c := newConcurrency(now, func() int { return 8 })
	for now.Sub(began) < time.Minute {
		cursors := working
		if now.Sub(began) < 3*time.Second {
			cursors = 1
		}
		now = now.Add(time.Second / time.Duration(100*cursors))
		working += c.took(now, 100)
		if !c.goesOn() {
			working--
		}
	}
	if working != 8 {
		t.Errorf("%d cursors a minute later", working)
	}
}

func TestACrewShrinksWithItsLimit(t *testing.T) {
	most, now := 8, time.Unix(0, 0)
	c := newConcurrency(now, func() int { return most })
	working := 1
	for range 1000 {
		now = now.Add(time.Duration(100/working) * time.Millisecond)
		working += c.took(now, 1000)
	}
	most = 0
	for !c.goesOn() {
		working--
	}
	if working != 1 {
		t.Errorf("%d cursors at a limit of none", working)
	}
}
