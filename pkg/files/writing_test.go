package files_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ucorefs.io/maintenance/pkg/files"
)

// Each opening is as strange to Writing as another process's would be: the kernel counts openings.
func TestWritingKnowsWhoHasAFileOpen(t *testing.T) {
	for name, c := range map[string]struct {
		before func(t *testing.T, file string)
		want   files.Writing
	}{
		"nobody has it open":          {func(*testing.T, string) {}, files.NotWritten},
		"a program reads it":          {opened(os.O_RDONLY), files.NotWritten},
		"a program writes it":         {opened(os.O_WRONLY), files.Written},
		"a program appends to it":     {opened(os.O_WRONLY | os.O_APPEND), files.Written},
		"a program has written it":    {written, files.NotWritten},
		"another file has its name":   {replaced, files.WritingUnknown},
		"it is gone":                  {removed, files.WritingUnknown},
		"what has its name is a link": {linked, files.WritingUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "app.log"), "line\n")
			r := open(t, dir)
			e, err := r.Look("app.log")
			ok(t, err)
			c.before(t, filepath.Join(dir, "app.log"))
			if got := r.Writing(e); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func opened(flag int) func(*testing.T, string) {
	return func(t *testing.T, file string) { keepOpen(t, file, flag) }
}

func written(t *testing.T, file string) { ok(t, keepOpen(t, file, os.O_WRONLY).Close()) }

func removed(t *testing.T, file string) { ok(t, os.Remove(file)) }

func replaced(t *testing.T, file string) {
	ok(t, os.Rename(file, file+".old"))
	write(t, file, "x")
}

func linked(t *testing.T, file string) {
	ok(t, os.Rename(file, file+".old"), os.Symlink(file+".old", file))
}

func keepOpen(t *testing.T, name string, flag int) *os.File {
	t.Helper()
	f, err := os.OpenFile(name, flag, 0)
	ok(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// Seen to fail when the lease was kept: the writer waited for lease-break-time, 45 seconds, or for ever.
func TestAskingForWritersKeepsNobodyFromWriting(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "app.log"), "line\n")
	r := open(t, dir)
	e, err := r.Look("app.log")
	ok(t, err)
	if got := r.Writing(e); got != files.NotWritten {
		t.Errorf("got %v", got)
	}
	keepOpen(t, filepath.Join(dir, "app.log"), os.O_WRONLY)
}

func TestBornIsWhenAFileWasMade(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "app.log")
	write(t, file, "line\n")
	ok(t, os.Chtimes(file, time.Unix(1, 0), time.Unix(1, 0)))
	r := open(t, dir)
	e, err := r.Look("app.log")
	ok(t, err)
	if born := r.Born(e); time.Since(born) > time.Hour {
		t.Errorf("born %v", born)
	}
	ok(t, os.Rename(file, file+".old"))
	write(t, file, "line\n")
	if born := r.Born(e); !born.IsZero() {
		t.Errorf("another file has its name: born %v", born)
	}
}

func TestLeadingNULs(t *testing.T) {
	for name, c := range map[string]struct {
		hole int64 // bytes that are not stored
		text []byte
		want int64
	}{
		"an empty file":                     {0, nil, 0},
		"a text":                            {0, []byte("line\n"), 0},
		"a hole within a block":             {100, []byte("line\n"), 100},
		"a hole of many blocks and a bit":   {1<<20 + 77, []byte("line\n"), 1<<20 + 77},
		"nothing but a hole":                {1 << 20, nil, 1 << 20},
		"NULs that are stored":              {0, append(make([]byte, 200_000), "line\n"...), 200_000},
		"NULs within the text do not count": {0, []byte("a\x00\x00b"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f, err := os.Create(filepath.Join(dir, "app.log"))
			ok(t, err)
			_, err = f.WriteAt(c.text, c.hole)
			ok(t, err, f.Truncate(c.hole+int64(len(c.text))), f.Close())
			r := open(t, dir)
			e, err := r.Look("app.log")
			ok(t, err)
			if got, err := r.LeadingNULs(e); err != nil || got != c.want {
				t.Errorf("got %d, %v, want %d", got, err, c.want)
			}
			checkRest(t, filepath.Join(dir, "app.log"), bytes.TrimLeft(c.text, "\x00"))
		})
	}
}

// checkRest wants SkipNULs to leave the file at its text.
func checkRest(t *testing.T, name string, want []byte) {
	t.Helper()
	f, err := os.Open(name)
	ok(t, err)
	defer f.Close()
	_, err = files.SkipNULs(f)
	ok(t, err)
	var rest bytes.Buffer
	if _, err := rest.ReadFrom(f); err != nil || !bytes.Equal(rest.Bytes(), want) {
		t.Errorf("the rest is %q, %v", rest.Bytes(), err)
	}
}
