package logrotation

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// reopener writes lines as a program does that looks before each line whether its log is still the file that it has
// open.
type reopener struct {
	name string
	f    *os.File
}

func (r *reopener) line(text string) error {
	if r.f != nil {
		open, err := r.f.Stat()
		if err != nil {
			return err
		}
		if named, err := os.Stat(r.name); err != nil || !os.SameFile(open, named) {
			_ = r.f.Close()
			r.f = nil
		}
	}
	if r.f == nil {
		f, err := os.OpenFile(r.name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if err != nil {
			return err
		}
		r.f = f
	}
	_, err := r.f.WriteString(text + "\n")
	return err
}

// write writes numbered lines until done is closed, and says how many.
func (r *reopener) write(done <-chan struct{}) (n int, err error) {
	for ; ; n++ {
		select {
		case <-done:
			return n, r.f.Close()
		default:
		}
		if err := r.line(fmt.Sprintf("line %d", n)); err != nil {
			return n, err
		}
	}
}

// Seen to fail with --log-copy-truncate, and when the generation that had just been rotated was compressed in the same
// run.
func TestNoLineIsLostOrDoubledForAWriterThatReopens(t *testing.T) {
	dir := t.TempDir()
	o := options(dir, 2000)
	o.CompressLogs, o.MaxLogFiles = true, 1_000_000
	done := make(chan struct{})
	var writing sync.WaitGroup
	var written int
	var failed error
	writing.Go(func() {
		w := reopener{name: filepath.Join(dir, "sub.d", "app.log")}
		if failed = os.Mkdir(filepath.Dir(w.name), 0o755); failed == nil {
			written, failed = w.write(done)
		}
	})
	rotated, packed := int64(0), int64(0)
	for began := time.Now(); rotated < 40 && time.Since(began) < 2*time.Minute; {
		_, did := rotate(t, o, now) // all within one second
		rotated += did.Counts["filesRotated"]
		packed += did.Counts["filesCompressed"]
	}
	close(done)
	writing.Wait()
	if failed != nil {
		t.Fatal(failed)
	}
	if rotated < 40 || packed < 39 {
		t.Errorf("%d rotations and %d compressions only", rotated, packed)
	}
	check(t, lines(t, dir), written)
}

func check(t *testing.T, got map[string]int, want int) {
	t.Helper()
	for i := range want {
		if n := got[fmt.Sprintf("line %d", i)]; n != 1 {
			t.Fatalf("line %d of %d is there %d times", i, want, n)
		}
	}
	if len(got) != want {
		t.Errorf("%d different lines, %d were written", len(got), want)
	}
}

// Seen to fail when a generation was compressed and deleted whatever had become of it.
func TestAGenerationThatIsStillWrittenStaysAsItIs(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "app.log.20260101-000000"), "line 0\n")
	write(t, filepath.Join(dir, "app.log.20260101-000001"), "")
	o := options(dir, 2000)
	o.CompressLogs = true
	plan := prepare(t, o, now)
	late, err := os.OpenFile(filepath.Join(dir, "app.log.20260101-000000"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = late.WriteString("line 1\n")
	if err := errors.Join(err, late.Close()); err != nil {
		t.Fatal(err)
	}
	done, err := plan.Execute(t.Context(), nil)
	if err != nil || done.Verdict == nil || done.Verdict.Reason != "ChangedMeanwhile" ||
		done.Counts["filesCompressed"] != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "app.log.20260101-000000")); err != nil {
		t.Error(err)
	}
	check(t, lines(t, dir), 2)
	if left := tree(t, dir); len(left) != 2 {
		t.Errorf("left: %q", left)
	}
}
