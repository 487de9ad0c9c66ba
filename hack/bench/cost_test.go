package bench_test

import (
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"ucorefs.io/maintenance/internal/testing/costtest"
)

// heapPeak is how much the heap grew at most while do ran: all objects, garbage included, under Go's own settings.
func heapPeak(do func()) (bytes uint64) {
	runtime.GC()
	runtime.GC() // the second frees what finalizers and pools kept over the first
	before, most := heap(), uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, heap())
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	do()
	close(stop)
	<-stopped
	return most - min(most, before)
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// cost is what something took: time by the clock, and time on a processor in this process.
type cost struct{ wall, cpu time.Duration }

func costOf(tb testing.TB, do func()) cost {
	tb.Helper()
	runtime.GC()
	cpu, began := costtest.ProcessorTime(tb), time.Now()
	do()
	return cost{time.Since(began), costtest.ProcessorTime(tb) - cpu}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}
