package logfile

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ucorefs.io/maintenance/pkg/files"
)

// BenchmarkCompress compares the compression of a log of 32 MiB with gzip -6: by time on a processor, and by size.
func BenchmarkCompress(b *testing.B) {
	for _, ending := range Endings {
		b.Run(ending, func(b *testing.B) { compareWithGzip(b, Rotator{Ending: ending}) })
	}
}

func compareWithGzip(b *testing.B, r Rotator) {
	b.Helper()
	dir := b.TempDir()
	name := writeLog(b, dir, 32<<20)
	for b.Loop() {
		ours, small := measured(b, unix.RUSAGE_SELF, name+".1", func(from, to *os.File) error {
			info, err := from.Stat()
			if err != nil {
				return err
			}
			return r.squeeze(b.Context(), from, to, files.Entry{Size: info.Size(), Modified: info.ModTime()})
		}, name)
		theirs, smaller := measured(b, unix.RUSAGE_CHILDREN, name+".2", func(from, to *os.File) error {
			cmd := exec.Command("gzip", "-6", "-c")
			cmd.Stdin, cmd.Stdout = from, to
			return cmd.Run()
		}, name)
		b.ReportMetric(theirs.Seconds()/ours.Seconds(), "×less-cpu")
		b.ReportMetric(float64(small)/float64(smaller), "×size")
	}
}

func writeLog(b *testing.B, dir string, size int64) string {
	b.Helper()
	name := filepath.Join(dir, "a.log")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	random := rand.New(rand.NewPCG(1, 2))
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := int64(0); n < size; {
		at = at.Add(time.Duration(random.Int64N(int64(time.Second))))
		k, err := fmt.Fprintf(f, "%s INFO indexer: file %x was read in %d ms by worker %d\n", at.Format(time.RFC3339Nano),
			random.Uint64(), random.IntN(900), random.IntN(8))
		if err != nil {
			b.Fatal(err)
		}
		n += int64(k)
	}
	return name
}

// measured is the processor time of a compression, and the size of what it wrote.
func measured(b *testing.B, who int, out string, do func(from, to *os.File) error, name string) (time.Duration, int64) {
	b.Helper()
	from, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(out)
	if err != nil {
		b.Fatal(err)
	}
	defer to.Close()
	before := used(b, who)
	if err := do(from, to); err != nil {
		b.Fatal(err)
	}
	took := used(b, who) - before
	info, err := to.Stat()
	if err != nil {
		b.Fatal(err)
	}
	return took, info.Size()
}

func used(b *testing.B, who int) time.Duration {
	b.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(who, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
