package main

import (
	"io/fs"
	"math"
	"runtime/debug"
	"strconv"
	"strings"
)

// limitMemory has Go collect garbage in time where a cgroup limits the container's memory: otherwise the heap may grow to twice
// what is in use, and the kernel kills the run. GOMEMLIMIT, where it is set, decides.
func limitMemory(cgroup fs.FS, env func(string) string) {
	if limit := memoryLimit(cgroup); limit > 0 && env("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit)
	}
}

// memoryLimit is nine tenths of the bytes that a container may use, by its /sys/fs/cgroup; 0: there is no limit. The rest is
// for what Go does not count, such as the program's own text.
func memoryLimit(cgroup fs.FS) int64 {
	for _, file := range []string{"memory.max", "memory/memory.limit_in_bytes"} { // cgroup v2, v1
		text, err := fs.ReadFile(cgroup, file)
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && n > 0 && n < math.MaxInt64/2 { // without a limit it is "max", or, in v1, about MaxInt64
			return n / 10 * 9
		}
	}
	return 0
}
