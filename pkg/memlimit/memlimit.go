// Package memlimit has Go collect garbage in time where a cgroup limits the memory of the container (Set), and not all
// the time where the heap is small (Floor). It must not limit anything itself: a heap that is in use may grow beyond.
package memlimit

import (
	"io/fs"
	"math"
	"runtime/debug"
	"strconv"
	"strings"
)

// Set sets Go's memory limit to so many tenths of what the container may use, by its /sys/fs/cgroup. Otherwise the heap
// may grow to a multiple of what is in use, and the kernel kills the process. GOMEMLIMIT, where it is set, decides.
func Set(cgroup fs.FS, env func(string) string, tenths int64) {
	if limit := container(cgroup); limit > 0 && env("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 10 * tenths)
	}
}

// Current is how many bytes the process may use, as Go was told; 0: nothing limits it.
func Current() int64 {
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return limit
	}
	return 0
}

// container is how many bytes a container may use; 0: there is no limit.
func container(cgroup fs.FS) int64 {
	for _, file := range []string{"memory.max", "memory/memory.limit_in_bytes"} { // cgroup v2, v1
		text, err := fs.ReadFile(cgroup, file)
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && n > 0 && n < math.MaxInt64/2 { // without a limit it is "max", or, in v1, about MaxInt64
			return n
		}
	}
	return 0
}
