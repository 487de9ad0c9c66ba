package disk_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fileCount is how many files a disk has: DISK_FILES, else a few.
func fileCount(tb testing.TB) int {
	tb.Helper()
	text := os.Getenv("DISK_FILES")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		tb.Fatalf("DISK_FILES: %q is no number of files", text)
	}
	return n
}

// eachDisk runs a benchmark on a disk in memory, which only root can mount, and on that of the temporary folder.
func eachDisk(b *testing.B, do func(b *testing.B, dir string)) {
	b.Run("tmpfs", func(b *testing.B) {
		dir := b.TempDir()
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "huge=never"); err != nil {
			b.Skipf("mount a tmpfs: %v", err)
		}
		b.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
		do(b, dir)
	})
	b.Run("disk", func(b *testing.B) { do(b, b.TempDir()) })
}

func workersName(n int) string {
	if n == 0 {
		return "usual workers"
	}
	return fmt.Sprintf("%d worker", n)
}

const filesInFolder = 200

// fill makes n files of 1,000 bytes and different times in folders of 200.
func fill(tb testing.TB, dir string, n int) {
	tb.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	now := time.Now().UnixNano()
	for i := range n {
		folder := filepath.Join(dir, fmt.Sprintf("%02d", i/filesInFolder%50), fmt.Sprintf("folder%d", i/filesInFolder))
		if i%filesInFolder == 0 {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				tb.Fatal(err)
			}
		}
		fd, err := unix.Open(filepath.Join(folder, fmt.Sprintf("a-thumbnail-of-some-file-%d.jpg", i)),
			unix.O_WRONLY|unix.O_CREAT, 0o644)
		if err != nil {
			tb.Fatal(err)
		}
		used := unix.NsecToTimespec(now - random.Int64N(int64(20*24*time.Hour)))
		if err := unix.Ftruncate(fd, 1000); err != nil {
			tb.Fatal(err)
		}
		if err := unix.UtimesNanoAt(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", fd), []unix.Timespec{used, used},
			0); err != nil {
			tb.Fatal(err)
		}
		_ = unix.Close(fd)
	}
}

func compare(b *testing.B, one, baseline func()) {
	b.Helper()
	compareWith(b, func() {}, one, baseline)
}

// compareWith reports how many times as fast one is as the baseline: the median of five pairs, taken in turns, each
// after ready, which does not count.
func compareWith(b *testing.B, ready, one, baseline func()) {
	b.Helper()
	var ratios, cpu []float64
	for b.Loop() {
		for i := range 5 {
			var took, used [2]time.Duration
			for turn := range 2 {
				which := (turn + i) % 2
				ready()
				began, before := time.Now(), processorTime(b)
				[]func(){one, baseline}[which]()
				took[which], used[which] = time.Since(began), processorTime(b)-before
			}
			ratios = append(ratios, took[1].Seconds()/took[0].Seconds())
			cpu = append(cpu, used[1].Seconds()/used[0].Seconds())
			b.Logf("%v beside %v; on a processor %v beside %v", took[0], took[1], used[0], used[1])
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ratios), "×as-fast")
	b.ReportMetric(median(cpu), "×less-cpu")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// processorTime is that of this process and of the programs that it has run.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var sum time.Duration
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var u unix.Rusage
		if err := unix.Getrusage(who, &u); err != nil {
			tb.Fatal(err)
		}
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum
}
