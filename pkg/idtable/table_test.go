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
		"of a few ids that come and go": {0, 20, 20_000},
		"that grows":                    {0, 6_000, 60_000},
		"of more than one part":         {550_000, 600_000, 100_000},
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

// Seen to fail with a map, which takes 22 to 40 bytes, and with twice the slots at each growth.
func TestAnIDTakesAtMost16Bytes(t *testing.T) {
	for _, n := range []int{10_000, 50_000, 150_000, 525_000, 600_000, 1_000_000} {
		var table idtable.Table[struct{}]
		held := costtest.BytesHeld(func() {
			for i := range n {
				table.Put(id(i), struct{}{})
			}
		})
		if each := float64(held) / float64(n); each > 16 {
			t.Errorf("of %d ids each takes %.1f bytes", n, each)
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

// A table that is filled in the order of another: seen to take hours where both have the same hashes.
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

func BenchmarkTable(b *testing.B) {
	const n = 1 << 20
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
}
