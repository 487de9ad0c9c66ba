package disk_test

import (
	"os/exec"
	"testing"

	"ucorefs.io/maintenance/pkg/files"
)

// BenchmarkWalk compares a walk with GNU find that prints size and time of each file.
func BenchmarkWalk(b *testing.B) {
	eachDisk(b, func(b *testing.B, dir string) {
		fill(b, dir, fileCount(b))
		for _, workers := range []int{1, 0} {
			b.Run(workersName(workers), func(b *testing.B) {
				compare(b, func() { walk(b, dir, workers) }, func() { find(b, dir, "-type", "f", "-printf", `%s %T@\n`) })
			})
		}
	})
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
	skipped, err := root.Walk(b.Context(), files.Visit{File: func(files.Entry) error { n++; return nil }})
	if err != nil || n != fileCount(b) || skipped.Folders > 0 {
		b.Fatal(n, skipped, err)
	}
}

// find runs GNU find, its output to nowhere.
func find(b *testing.B, arguments ...string) {
	b.Helper()
	if err := exec.Command("find", arguments...).Run(); err != nil {
		b.Fatal(err)
	}
}
