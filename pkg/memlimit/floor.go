package memlimit

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// JobFloor is the floor of maint-job.
const JobFloor = 32 << 20

// floorShare is which part of a container's memory a floor may take.
const floorShare = 8

// Floor has Go collect garbage when the heap has so many bytes, or an eighth of Current. Where more than half of that
// is in use it is Go's default again: when the heap has doubled. What a run holds is small beside what a server sends
// meanwhile, so that garbage would be collected all the time. GOGC, where it is set, decides. It holds until stop.
func Floor(env func(string) string, bytes int64) (stop func()) {
	if env("GOGC") != "" {
		return func() {}
	}
	if most := Current() / floorShare; most > 0 {
		bytes = min(bytes, most)
	}
	f := &floor{bytes: uint64(bytes)}
	runtime.GC() // tells what is in use
	f.watch()
	f.collected()
	return f.stop
}

// defaultPercent is Go's default of GOGC.
const defaultPercent = 100

type floor struct {
	bytes uint64

	mu      sync.Mutex
	stopped bool
}

func (f *floor) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	debug.SetGCPercent(defaultPercent)
}

// cycle is an object that nothing refers to, so that the next collection finds it.
type cycle struct{ _ *byte }

// watch calls collected after each collection.
func (f *floor) watch() {
	runtime.AddCleanup(&cycle{}, func(f *floor) {
		if f.collected() {
			f.watch()
		}
	}, f)
}

// collected sets when the next collection is, by what the last one left, unless the floor was stopped.
func (f *floor) collected() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.stopped {
		m := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
		metrics.Read(m)
		debug.SetGCPercent(percent(m[0].Value.Uint64(), m[1].Value.Uint64()+m[2].Value.Uint64(), f.bytes))
	}
	return !f.stopped
}

// goFloor is the heap below which Go collects nothing, with a GOGC of 100. It grows with GOGC.
const goFloor = 4 << 20

// percent is the GOGC with which a heap grows to a floor, and at least to twice what is in use. Go counts what else its
// collector looks through, stacks and globals, like what is in use.
func percent(live, others, floor uint64) int {
	if 2*live+others >= floor {
		return defaultPercent
	}
	return int(min(100*(floor-live)/max(live+others, 1), 100*floor/goFloor))
}
