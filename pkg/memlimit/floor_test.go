package memlimit

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestAHeapGrowsToItsFloor(t *testing.T) {
	for name, c := range map[string]struct {
		live, others, floor uint64
		want                int
	}{
		"little is in use":          {4 << 20, 0, 32 << 20, 700},
		"and Go looks through more": {4 << 20, 3 << 20, 32 << 20, 400},
		"nearly nothing is in use":  {100 << 10, 0, 32 << 20, 800},
		"half of it is in use":      {16 << 20, 0, 32 << 20, 100},
		"more than it is in use":    {100 << 20, 1 << 20, 32 << 20, 100},
		"a third of it is in use":   {10 << 20, 0, 30 << 20, 200},
		"no floor":                  {4 << 20, 0, 0, 100},
	} {
		if got := percent(c.live, c.others, c.floor); got != c.want {
			t.Errorf("%s: %d %%, want %d", name, got, c.want)
		}
	}
}

// gogc is the GOGC that is set.
func gogc() int {
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	return percent
}

func TestAFloorHoldsUntilItIsStopped(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	stop := Floor(func(string) string { return "" }, 64<<20)
	if got := gogc(); got <= 100 {
		t.Errorf("%d %% with a floor of 64 MB", got)
	}
	stop()
	runtime.GC()
	if got := gogc(); got != 100 {
		t.Errorf("%d %% without a floor", got)
	}
}

func TestGOGCDecides(t *testing.T) {
	before := debug.SetGCPercent(50)
	defer debug.SetGCPercent(before)
	defer Floor(func(string) string { return "50" }, 64<<20)()
	if got := gogc(); got != 50 {
		t.Errorf("%d %%", got)
	}
}

// A floor is small beside what a container may use.
func TestAFloorIsAnEighthOfTheLimit(t *testing.T) {
	before, percentBefore := debug.SetMemoryLimit(512<<20), debug.SetGCPercent(100)
	defer debug.SetMemoryLimit(before)
	defer debug.SetGCPercent(percentBefore)
	defer Floor(func(string) string { return "" }, 1<<30)()
	if got := gogc(); got > 100*64/4 {
		t.Errorf("%d %%", got)
	}
}

// The floor follows what is in use.
func TestAFloorIsNoneForALargeHeap(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	defer Floor(func(string) string { return "" }, 8<<20)()
	large := make([]byte, 64<<20)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		runtime.GC()
		if gogc() == 100 {
			runtime.KeepAlive(large)
			return
		}
	}
	t.Error("it does not follow")
}
