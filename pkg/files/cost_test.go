package files_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"ucorefs.io/maintenance/pkg/files"
)

// garbage is what do allocates: how often, and how many bytes.
func garbage(do func()) (allocations, bytes float64) {
	do() // what is allocated once
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}

// What a walk allocates for each file is its path, and that for many files at a time. Seen to fail when each path was a
// string of its own.
func TestAWalkAllocatesLittleForAFile(t *testing.T) {
	const few, many, inFolder = 2_000, 4_000, 500
	of := func(n int) (allocations, bytes float64) {
		dir := t.TempDir()
		for i := range n {
			write(t, filepath.Join(dir, fmt.Sprintf("folder%d", i/inFolder), fmt.Sprintf("a file %05d", i)), "x")
		}
		r := open(t, dir)
		r.Workers = 1
		return garbage(func() {
			_, err := r.Walk(t.Context(), files.Visit{File: func(files.Entry) error { return nil }})
			ok(t, err)
		})
	}
	fewTimes, fewBytes := of(few)
	manyTimes, manyBytes := of(many)
	times, bytes := (manyTimes-fewTimes)/(many-few), (manyBytes-fewBytes)/(many-few)
	t.Logf("%.3f allocations and %.0f bytes a file", times, bytes)
	if times > 0.1 || bytes > 64 {
		t.Errorf("%.3f allocations and %.0f bytes a file; 0.1 and 64 may be", times, bytes)
	}
}
