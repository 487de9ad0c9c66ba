package roots

import (
	"fmt"
	"runtime"
	"testing"
)

// large is a library of a million files in a thousand folders, none of which is held.
type large struct{}

const perFolder = 1000

func (large) List(folder string, each func(name string, isFolder bool)) error {
	for i := range perFolder {
		if folder == "." {
			each(fmt.Sprintf("a folder with a long name %04d", i), true)
			continue
		}
		each(fmt.Sprintf("a file with quite a long name, as cameras make them %04d.jpg", i), false)
	}
	return nil
}

func (large) Exists(string) (bool, error) { return false, nil }

// A set of the names would take some 150 bytes each. The bound of a run is 64 MiB and 24 bytes an id.
func TestTheIndexOfAMillionFilesIsSmall(t *testing.T) {
	before := heap()
	var peak uint64
	folders := 0
	w := NewWalk(Tree{Disk: large{}})
	err := w.Run(t.Context(), func(int) error {
		if folders++; folders%100 == 0 {
			peak = max(peak, heap())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	x := w.Index()
	held := heap() - before
	t.Logf("%d MiB at most while it is built, %d MiB when it is", (peak-before)>>20, held>>20)
	if peak-before > 48<<20 || held > 24<<20 {
		t.Errorf("the index takes %d bytes at most and %d in the end", peak-before, held)
	}
	known := "a folder with a long name 0007/a file with quite a long name, as cameras make them 0500.jpg"
	if x.Judge(known) != Alive || x.Judge(known+"x") != Missing {
		t.Error("it does not know what is in it")
	}
	runtime.KeepAlive(x)
}

// heap is the bytes that are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkJudge(b *testing.B) {
	x, err := walked(b.Context(), Tree{Disk: large{}})
	if err != nil {
		b.Fatal(err)
	}
	name := "a folder with a long name 0007/a file with quite a long name, as cameras make them 0500.jpg"
	for b.Loop() {
		x.Judge(name)
	}
}
