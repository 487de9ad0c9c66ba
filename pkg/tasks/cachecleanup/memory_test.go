package cachecleanup_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/jobspec"
)

// manyFiles is how many files the cache of the memory test and of the benchmark has; CACHE_FILES says otherwise.
func manyFiles(t testing.TB) int {
	t.Helper()
	text := os.Getenv("CACHE_FILES")
	if text == "" {
		return 100_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CACHE_FILES: %v", err)
	}
	return n
}

// fill makes a cache of n files of 1,000 bytes in folders of 1,000, each of a time of its own within the last 20 days.
func fill(t testing.TB, dir string, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	now := time.Now().UnixNano()
	for i := range n {
		folder := filepath.Join(dir, fmt.Sprintf("folder%d", i/1000))
		if i%1000 == 0 {
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		fd, err := unix.Open(filepath.Join(folder, fmt.Sprintf("a-thumbnail-of-some-file-%d.jpg", i)),
			unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		used := unix.NsecToTimespec(now - random.Int64N(int64(20*day)))
		if err := unix.Ftruncate(fd, 1000); err != nil {
			t.Fatal(err)
		}
		if err := unix.UtimesNanoAt(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", fd), []unix.Timespec{used, used},
			0); err != nil {
			t.Fatal(err)
		}
		_ = unix.Close(fd)
	}
}

// Seen to fail, at one million files (CACHE_FILES), when the plan was a list of the files: the process grew to 685 MiB,
// and without the list to 26 MiB.
func TestMemoryStaysWithin64MiBHoweverManyFiles(t *testing.T) {
	const mark, most = "CACHECLEANUP_TEST_FOLDER", 64 << 10 // KiB
	if dir := os.Getenv(mark); dir != "" {
		o := options(dir)
		o.MaxCacheSizeGB = shrinkTo(int64(manyFiles(t)) * 1000 / 2)
		_, done := clean(t, o)
		fmt.Printf("deleted=%d peak=%d\n", done.Counts["filesDeleted"], peak(t))
		return
	}
	dir, n := t.TempDir(), manyFiles(t)
	fill(t, dir, n)
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), mark+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var deleted, kib int
	if _, err := fmt.Sscanf(string(out), "deleted=%d peak=%d", &deleted, &kib); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%d files: at most %d KiB of the whole process in memory", n, kib)
	if kib > most {
		t.Errorf("%d KiB in memory, %d may be", kib, most)
	}
	if left := len(list(t, dir)); deleted != n/2 || left != n-n/2 {
		t.Errorf("%d files deleted and %d left of %d", deleted, left, n)
	}
}

// peak is the largest amount of memory that this process ever held, in KiB.
func peak(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	kib, err := strconv.Atoi(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib
}

// BenchmarkClean compares looking at a cache with a bare walk of it, in the same run, deletions not counted. With
// 100,000 files in memory, where a walk costs least: 1.1 walks for a clean cache, 3.7 for one that is twice too large.
func BenchmarkClean(b *testing.B) {
	dir, n := b.TempDir(), manyFiles(b)
	fill(b, dir, n)
	within, above := options(dir), options(dir)
	above.MaxCacheSizeGB = shrinkTo(int64(n) * 1000 / 2)
	for name, o := range map[string]jobspec.Options{"a clean cache": within, "a cache twice too large": above} {
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(ratio(func() { prepare(b, o) }, func() { walk(b, dir) }), "walks")
		})
	}
}

func walk(b *testing.B, dir string) {
	b.Helper()
	root, err := files.Open(dir, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	if _, err := root.Walk(b.Context(), files.Visit{File: func(files.Entry) error { return nil }}); err != nil {
		b.Fatal(err)
	}
}

// ratio compares two things by the shortest time of each, taken in turns.
func ratio(one, other func()) float64 {
	best := [2]time.Duration{time.Hour, time.Hour}
	for range 5 {
		for i, do := range []func(){one, other} {
			began := time.Now()
			do()
			best[i] = min(best[i], time.Since(began))
		}
	}
	return best[0].Seconds() / best[1].Seconds()
}
