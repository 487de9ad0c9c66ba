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
			now := time.Unix(0, 0)
			crew := newCrew(now, func() int { return c.most })
			const batch = 1000
			working := 1
			for range 1000 {
				now = now.Add(time.Duration(batch) * time.Second / time.Duration(c.rate(working)))
				working += crew.took(now, batch)
			}
			for !crew.goesOn() {
				working--
			}
			if working != c.want {
				t.Errorf("%d cursors, want %d", working, c.want)
			}
		})
	}
}

func TestACrewShrinksWithItsLimit(t *testing.T) {
	most, now := 8, time.Unix(0, 0)
	crew := newCrew(now, func() int { return most })
	working := 1
	for range 1000 {
		now = now.Add(time.Duration(100/working) * time.Millisecond)
		working += crew.took(now, 1000)
	}
	most = 0
	for !crew.goesOn() {
		working--
	}
	if working != 1 {
		t.Errorf("%d cursors at a limit of none", working)
	}
}
