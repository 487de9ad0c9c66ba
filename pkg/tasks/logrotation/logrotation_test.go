package logrotation

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"ucorefs.io/maintenance/pkg/jobspec"
	"ucorefs.io/maintenance/pkg/logfile"
	"ucorefs.io/maintenance/pkg/tasks"
)

// now is when the runs of most tests begin.
var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// options rotate what is larger than so many bytes.
func options(dir string, bytes int) jobspec.Options {
	o := jobspec.Defaults()
	o.Task, o.LogDir, o.MaxLogSizeMB = jobspec.LogRotation, dir, float64(bytes)/(1<<20)
	return o
}

func prepare(t testing.TB, o jobspec.Options, at time.Time) tasks.Plan {
	t.Helper()
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	plan, err := Task().Prepare(t.Context(), tasks.Env{Options: o, Now: at, RunID: "test",
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("prepare: %v", err)
	}
	return plan
}

// rotate plans and executes.
func rotate(t testing.TB, o jobspec.Options, at time.Time) (tasks.Plan, tasks.Done) {
	t.Helper()
	plan := prepare(t, o, at)
	done, err := plan.Execute(t.Context(), nil)
	if err != nil {
		t.Fatalf("execute: %v", err)
	}
	return plan, done
}

func write(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o640); err != nil {
		t.Fatal(err)
	}
}

// writeGzip makes a compressed file.
func writeGzip(t testing.TB, name, content string) {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, name, b.String())
}

// tree is every file below a folder with its content, what is compressed being unpacked; a symbolic link is "-> " and
// where it leads.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		at, _ := filepath.Rel(dir, name)
		if d.Type()&os.ModeSymlink != 0 {
			to, err := os.Readlink(name)
			all[at] = "-> " + to
			return err
		}
		all[at], err = content(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func content(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var from io.Reader = f
	switch path.Ext(name) {
	case logfile.Gzip:
		from, err = gzip.NewReader(f)
	case logfile.Zstd:
		from, err = zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	b, err := io.ReadAll(from)
	return string(b), err
}

// lines counts each line in all files below a folder. Where a generation is there both plain and compressed, the
// compressed one does not count: a run was killed in the middle.
func lines(t testing.TB, dir string) map[string]int {
	t.Helper()
	count := map[string]int{}
	all := tree(t, dir)
	for name, text := range all {
		packed := slices.Contains(logfile.Endings, path.Ext(name))
		if packed && all[strings.TrimSuffix(name, path.Ext(name))] != "" || strings.HasSuffix(name, ".tmp") {
			continue
		}
		for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
			count[s.Text()]++
		}
	}
	return count
}
