package idtable_test

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"runtime"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/costtest"
	"ucorefs.io/maintenance/pkg/idtable"
)

// id is the n-th of ids that one process makes one after the other; the 0th is all zeros.
func id(n int) (id bson.ObjectID) {
	binary.BigEndian.PutUint64(id[4:], uint64(n))
	return id
}

// The Go map is the oracle.
func TestATableIsAMap(t *testing.T) {
	for name, c := range map[string]struct{ first, ids, steps int }{
		"of a few ids that come and go":     {0, 20, 20_000},
		"that grows":                        {0, 6_000, 60_000},
		"of 256 parts that are being split": {65_000, 80_000, 100_000},
	} {
		t.Run(name, func(t *testing.T) {
			chance := rand.New(rand.NewPCG(1, uint64(c.ids)))
			var table idtable.Table[int]
			want := map[bson.ObjectID]int{}
			for i := range c.first {
				table.Put(id(i), i)
				want[id(i)] = i
			}
			for step := range c.steps {
				id := id(chance.IntN(c.ids))
				if chance.IntN(c.steps) < step/2 {
					table.Remove(id)
					delete(want, id)
				} else {
					table.Put(id, step)
					want[id] = step
				}
				v, ok := table.At(id)
				if w, there := want[id]; ok != there || v != w || table.Len() != len(want) {
					t.Fatalf("step %d: %d, %t, %d ids; want %d, %t, %d", step, v, ok, table.Len(), w, there, len(want))
				}
			}
			same(t, &table, want, c.ids)
		})
	}
}

func same(t *testing.T, table *idtable.Table[int], want map[bson.ObjectID]int, ids int) {
	t.Helper()
	got := map[bson.ObjectID]int{}
	for id, v := range table.All() {
		if _, twice := got[id]; twice {
			t.Errorf("%s comes twice", id)
		}
		got[id] = v
	}
	if !maps.Equal(want, got) {
		t.Errorf("%d ids, want %d", len(got), len(want))
	}
	for n := range ids {
		v, ok := table.At(id(n))
		if w, there := want[id(n)]; ok != there || v != w {
			t.Errorf("%s is %d, %t; want %d, %t", id(n), v, ok, w, there)
		}
	}
}

func TestAnEmptyTableHasNothing(t *testing.T) {
	var table idtable.Table[int]
	table.Remove(id(1))
	if _, ok := table.At(id(1)); ok || table.Len() != 0 {
		t.Error("it has something")
	}
	for range table.All() {
		t.Error("it gives something")
	}
}

// What is not kept of a hash grows with the table: a byte from about 80,000 ids on, two from 20 million on.
func TestAnIDTakesAtMost14Bytes(t *testing.T) {
	for _, c := range []struct {
		ids  int
		most float64
	}{{10_000, 14}, {50_000, 14}, {150_000, 12.5}, {525_000, 12.5}, {1_000_000, 12.5}} {
		var table idtable.Table[struct{}]
		held := costtest.BytesHeld(func() {
			for i := range c.ids {
				table.Put(id(i), struct{}{})
			}
		})
		each := float64(held) / float64(c.ids)
		t.Logf("of %d ids each takes %.2f bytes", c.ids, each)
		if each > c.most {
			t.Errorf("of %d ids each takes %.2f bytes; %.1f may be", c.ids, each, c.most)
		}
		runtime.KeepAlive(&table)
	}
}

func TestLookingUpAllocatesNothing(t *testing.T) {
	var table idtable.Table[int32]
	for i := range 20_000 {
		table.Put(id(i), int32(i))
	}
	n := 0
	if allocations := testing.AllocsPerRun(1000, func() {
		table.At(id(n))
		table.Put(id(n), 1)
		n++
	}); allocations > 0 {
		t.Errorf("%.1f allocations", allocations)
	}
}

// Ids that come in the order of their hashes piled up in tables with open addressing that grow.
func TestATableFromAnotherIsNotSlow(t *testing.T) {
	var from, to idtable.Table[struct{}]
	for i := range 300_000 {
		from.Put(id(i), struct{}{})
	}
	for id := range from.All() {
		to.Put(id, struct{}{})
	}
	if to.Len() != from.Len() {
		t.Errorf("%d of %d", to.Len(), from.Len())
	}
}

// FuzzTable puts and removes few ids that differ in single bytes, so that hashes, parts and their borders are all met.
func FuzzTable(f *testing.F) {
	f.Add(uint16(1), []byte("\x00\x00\x01\x00\x80\x01"))
	f.Add(uint16(700), []byte("abcabcABC"))
	f.Fuzz(func(t *testing.T, first uint16, steps []byte) {
		var table idtable.Table[int]
		want := map[bson.ObjectID]int{}
		for i := range int(first) {
			table.Put(id(i), i)
			want[id(i)] = i
		}
		for ; len(steps) >= 3; steps = steps[3:] {
			var id bson.ObjectID
			id[steps[0]%12] = steps[1]
			if steps[2] < 128 {
				table.Put(id, int(steps[2]))
				want[id] = int(steps[2])
			} else {
				table.Remove(id)
				delete(want, id)
			}
		}
		if table.Len() != len(want) {
			t.Errorf("%d ids, want %d", table.Len(), len(want))
		}
		same(t, &table, want, int(first)+2)
	})
}

// Beside the ids of a table are as many that it does not have, as of the files to which nothing refers.
func BenchmarkTable(b *testing.B) {
	const n = 1 << 16
	var table idtable.Table[struct{}]
	b.Run("put", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			table.Put(id(i%n), struct{}{})
		}
	})
	b.Run("at", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			table.At(id(i * 7919 % n))
		}
	})
	b.Run("at, in vain", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			table.At(id(n + i*7919%n))
		}
	})
}
