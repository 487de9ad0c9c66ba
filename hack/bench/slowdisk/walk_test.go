package slowdisk

import (
	"fmt"
	"os/exec"
	"path"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/files"
	"ucorefs.io/maintenance/pkg/roots"
)

const folders, filesInFolder = 32, 100

// BenchmarkWalk compares, on a disk of 2 ms a call, a walk that looks at each file with GNU find that prints size and
// time of each, and a listing of all names, as cleanup-orphaned-file-records makes it, with GNU find that prints names.
func BenchmarkWalk(b *testing.B) {
	dir := mounted(b, folders, filesInFolder, 2*time.Millisecond)
	for _, workers := range []int{1, 16} {
		b.Run(fmt.Sprintf("looks, %d at once", workers), func(b *testing.B) {
			compare(b, func() { walk(b, dir, workers) }, func() { find(b, dir, "-printf", `%s %T@\n`) })
		})
		b.Run(fmt.Sprintf("lists, %d at once", workers), func(b *testing.B) {
			compare(b, func() { list(b, dir, workers) }, func() { find(b, dir, "-print") })
		})
	}
}

func walk(b *testing.B, dir string, workers int) {
	b.Helper()
	root, err := files.Open(dir, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	root.Workers = workers
	n := 0
	if _, err := root.Walk(b.Context(), files.Visit{File: func(files.Entry) error { n++; return nil }}); err != nil ||
		n != folders*filesInFolder {
		b.Fatal(n, err)
	}
}

func list(b *testing.B, dir string, workers int) {
	b.Helper()
	l, err := files.OpenLibrary(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	w := roots.NewWalk(roots.Tree{Disk: l, AtOnce: workers})
	if err := w.Run(b.Context(), func(int) error { return nil }); err != nil {
		b.Fatal(err)
	}
	last := path.Join(fmt.Sprintf("folder %d", folders-1), fmt.Sprintf("file %d.jpg", filesInFolder-1))
	if x := w.Index(); x.Names() != folders+folders*filesInFolder || x.Judge(last) != roots.Alive {
		b.Fatal(x.Names())
	}
}

// find runs GNU find, its output to nowhere.
func find(b *testing.B, dir string, arguments ...string) {
	b.Helper()
	if err := exec.Command("find", append([]string{dir, "-type", "f"}, arguments...)...).Run(); err != nil {
		b.Fatal(err)
	}
}

// compare reports how many times as fast one is as the baseline. On a slow disk the processors hardly matter, so that
// one pair is enough.
func compare(b *testing.B, one, baseline func()) {
	b.Helper()
	for b.Loop() {
		began := time.Now()
		one()
		between := time.Now()
		baseline()
		took, beside := between.Sub(began), time.Since(between)
		b.Logf("%v beside %v", took, beside)
		b.ReportMetric(beside.Seconds()/took.Seconds(), "×as-fast")
	}
	b.ReportMetric(0, "ns/op")
}
