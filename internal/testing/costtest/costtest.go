// Package costtest measures what code costs that does not depend on how busy the machine is: memory, and time on a
// processor.
package costtest

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BytesHeld is what do leaves on the heap.
func BytesHeld(do func()) int64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

// ProcessorTime is the time that this process has had on a processor.
func ProcessorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Loop is a benchmark of do, which also reports the allocations and the processor time of each call.
func Loop(b *testing.B, do func()) {
	b.Helper()
	b.ReportAllocs()
	began := ProcessorTime(b)
	for b.Loop() {
		do()
	}
	b.ReportMetric(float64(ProcessorTime(b)-began)/float64(b.N), "cpu-ns/op")
}
