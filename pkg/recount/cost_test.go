package recount_test

import (
	"encoding/binary"
	"runtime"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/costtest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/library"
	"ucorefs.io/maintenance/pkg/recount"
	"ucorefs.io/maintenance/pkg/scan"
)

func desktop(tb testing.TB) recount.Counters {
	tb.Helper()
	l, ok := library.Named(library.UCoreFSName)
	if !ok {
		tb.Fatal("no such library")
	}
	return recount.Of(l)
}

func objectID(n int) (id bson.ObjectID) {
	binary.BigEndian.PutUint64(id[4:], uint64(n)+1)
	return id
}

func marshal(tb testing.TB, pairs ...any) bson.Raw {
	tb.Helper()
	raw, err := bson.Marshal(doc(pairs...))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// stepOf is the reading of one collection.
func stepOf(tb testing.TB, c recount.Counters, collection string) recount.Step {
	tb.Helper()
	for _, step := range c.Steps() {
		if step.Collection == collection {
			return step
		}
	}
	tb.Fatalf("%s is not read", collection)
	return recount.Step{}
}

// counting is a tally with tags and directories, and a file of them as a server sends it.
func counting(tb testing.TB) (*recount.Tally, recount.Step, bson.Raw) {
	tb.Helper()
	c := desktop(tb)
	tally, files := c.NewTally(), stepOf(tb, c, "file_records")
	for _, collection := range []string{"tags", "directory_records"} {
		for i := range 2000 {
			tally.Expect(stepOf(tb, c, collection).Target, bsonvalue.ObjectID(objectID(i)))
		}
	}
	return tally, files, marshal(tb, "_id", objectID(0), "tag_ids", bson.A{objectID(1), objectID(2), objectID(3)},
		"parent_id", objectID(4), "size_bytes", int64(1000))
}

// With a Lookup for each field and a slice for each list it was 10.
func TestCountingADocumentAllocatesNothing(t *testing.T) {
	tally, files, doc := counting(t)
	if n := testing.AllocsPerRun(10_000, func() { tally.Add(files.Source, files.Read(doc)) }); n > 0.1 {
		t.Errorf("%.2f allocations", n)
	}
}

func BenchmarkCount(b *testing.B) {
	tally, files, doc := counting(b)
	costtest.Loop(b, func() { tally.Add(files.Source, files.Read(doc)) })
}

// With a Value, two sums and a flag for each counter it was 290.
func TestADirectoryTakesAtMost48Bytes(t *testing.T) {
	const directories = 100_000
	c := desktop(t)
	tally, step, files := c.NewTally(), stepOf(t, c, "directory_records"), stepOf(t, c, "file_records")
	held := costtest.BytesHeld(func() {
		for i := range directories {
			row := step.Read(marshal(t, "_id", objectID(i), "child_count", i%300, "file_count", i%300, "total_size",
				int64(i)<<20))
			tally.Meet(step.Target, bsonvalue.Of(row[scan.ID]), row)
			tally.Add(files.Source, files.Read(marshal(t, "parent_id", objectID(i), "size_bytes", int64(i)<<20)))
		}
	})
	if each := float64(held) / directories; each > 48 {
		t.Errorf("a directory takes %.1f bytes", each)
	} else {
		t.Logf("a directory takes %.1f bytes", each)
	}
	runtime.KeepAlive(tally)
}
