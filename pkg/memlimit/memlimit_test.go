package memlimit

import (
	"runtime/debug"
	"testing"
	"testing/fstest"
)

func TestTheMemoryLimitIsTheContainers(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		want       int64
	}{
		"cgroup v2":                             {"memory.max", "1073741824\n", 1073741824},
		"cgroup v2 without a limit":             {"memory.max", "max\n", 0},
		"cgroup v1":                             {"memory/memory.limit_in_bytes", "1000\n", 1000},
		"cgroup v1 without a limit":             {"memory/memory.limit_in_bytes", "9223372036854771712\n", 0},
		"no cgroup":                             {"other", "", 0},
		"a limit of another form than that":     {"memory.max", "much\n", 0},
		"a limit that leaves nothing, not used": {"memory.max", "0\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			cgroup := fstest.MapFS{c.file: {Data: []byte(c.text)}}
			if got := container(cgroup); got != c.want {
				t.Errorf("%d bytes, want %d", got, c.want)
			}
		})
	}
}

func TestGOMEMLIMITDecides(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	cgroup := fstest.MapFS{"memory.max": {Data: []byte("1073741824\n")}}
	if Set(cgroup, func(string) string { return "2GiB" }, 9); debug.SetMemoryLimit(-1) != before {
		t.Error("the limit of the environment was replaced")
	}
	if Set(cgroup, func(string) string { return "" }, 9); debug.SetMemoryLimit(-1) != 966367638 {
		t.Errorf("the limit is %d", debug.SetMemoryLimit(-1))
	}
}
