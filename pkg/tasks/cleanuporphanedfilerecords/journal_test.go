package cleanuporphanedfilerecords

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
	"ucorefs.io/maintenance/pkg/report"
	"ucorefs.io/maintenance/pkg/tasks"
)

// referred is a library in which albums and embeddings point at b and c, whose files are gone, and at a.
func referred(t *testing.T) *lab {
	l := fearless(t)
	l.keep("a", "b", "c")
	l.album("holds both", false, bson.A{"b", "a", "b", "c", "x"}, "a", int32(4))
	l.album("shows one", false, bson.A{"a"}, "c", 1.0)
	l.album("is smart", true, bson.A{"c"}, nil, int64(7))
	l.album("counts too few", false, bson.A{"b", "c"}, "b", int64(1))
	l.album("counts in words", false, bson.A{"b"}, nil, "one")
	l.album("holds none", false, bson.A{"a", nil, int32(7)}, "a", int64(1))
	l.album("holds no list", false, "b", "x", int64(0))
	for _, e := range []struct{ id, file any }{{"e1", "b"}, {"e2", "b"}, {"e3", "c"}, {"e4", "a"}, {"e5", "x"},
		{"e6", nil}} {
		l.insert("embedding_records", bson.D{{Key: "_id", Value: e.id}, {Key: "provider", Value: "clip"},
			{Key: "file_id", Value: e.file}, {Key: "vector", Value: bson.A{0.5}}})
	}
	l.settle()
	l.remove("b", "c")
	return l
}

func (l *lab) album(id string, smart bool, files, cover, count any) {
	l.t.Helper()
	l.insert("albums", bson.D{{Key: "_id", Value: id}, {Key: "is_smart", Value: smart}, {Key: "file_ids", Value: files},
		{Key: "cover_id", Value: cover}, {Key: "file_count", Value: count}})
}

func TestWhatPointedAtADeletedRecordGoesWithIt(t *testing.T) {
	l := referred(t)
	l.expect(l.run(), report.Succeeded, "", "a")
	if got := l.idsOf("embedding_records"); got != "e4 e5 e6" {
		t.Errorf("the embeddings are %q", got)
	}
	type album struct{ Files, Cover, Count any }
	got := map[string]album{}
	for id, doc := range l.server.Documents(t, "albums") {
		var d bson.M
		l.must(bson.Unmarshal(doc, &d))
		got[id] = album{d["file_ids"], d["cover_id"], d["file_count"]}
	}
	want := map[string]album{
		`"holds both"`:      {bson.A{"a", "x"}, "a", int32(2)},
		`"shows one"`:       {bson.A{"a"}, nil, 1.0},
		`"is smart"`:        {bson.A{}, nil, int64(7)},
		`"counts too few"`:  {bson.A{}, nil, int32(0)},
		`"counts in words"`: {bson.A{}, nil, int32(0)},
		`"holds none"`:      {bson.A{"a", nil, int32(7)}, "a", int64(1)},
		`"holds no list"`:   {"b", "x", int64(0)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("albums (-want +got):\n%s", diff)
	}
}

// Seen to fail when embeddings were removed by Delete, and when albums were changed by Update.
func TestRestoreBringsEverythingBackByteByByte(t *testing.T) {
	l := referred(t)
	before := l.state()
	l.run()
	if len(l.state()) >= len(before) {
		t.Fatal("nothing was deleted")
	}
	if _, err := stores.Restore(t.Context(), l.server.Writer(t), l.o.RunID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, l.state()); diff != "" {
		t.Errorf("after restore (-before +after):\n%s", diff)
	}
}

// Seen to fail when the records went before what points at them: nothing then remembers whose references dangle.
func TestARunKilledAtAnyWriteIsCompletedByTheNext(t *testing.T) {
	whole := referred(t)
	whole.write("back")
	whole.record("back")
	whole.run()
	want := whole.state()
	for at := 1; ; at++ {
		l := referred(t)
		l.write("back")
		l.record("back")
		ctx, kill := context.WithCancelCause(t.Context())
		l.ctx, l.onWrite = ctx, func(n int) {
			if n == at {
				kill(errors.New("killed"))
			}
		}
		l.run()
		killed := ctx.Err() != nil
		l.ctx, l.onWrite, l.o.RunID = t.Context(), nil, "next"
		r := l.run()
		if diff := cmp.Diff(want, l.state()); diff != "" || r.Outcome != report.Succeeded || l.notes() != "" {
			t.Fatalf("killed at write %d: the next run is %s (%s), notes %q\n(-uninterrupted +killed):\n%s", at, r.Outcome,
				r.Message, l.notes(), diff)
		}
		if l.run(); len(l.sent) > 0 {
			t.Fatalf("killed at write %d: a third run wrote %v", at, l.sent)
		}
		kill(nil)
		if !killed {
			return
		}
	}
}

func TestAFirstRunKilledAtAnyWriteIsCompletedByTheNext(t *testing.T) {
	for at := 1; ; at++ {
		l := newLab(t)
		l.crowd()
		l.record("gone")
		ctx, kill := context.WithCancelCause(t.Context())
		l.ctx, l.onWrite = ctx, func(n int) {
			if n == at {
				kill(errors.New("killed"))
			}
		}
		l.run()
		killed := ctx.Err() != nil
		l.ctx, l.onWrite = t.Context(), nil
		if r := l.run(); r.Outcome != report.Succeeded || l.notes() != "gone" {
			t.Fatalf("killed at write %d: %s (%s), notes %q", at, r.Outcome, r.Message, l.notes())
		}
		if l.run(); len(l.sent) > 0 {
			t.Fatalf("killed at write %d: a third run wrote %v", at, l.sent)
		}
		kill(nil)
		if !killed {
			return
		}
	}
}

// env is what a run without the runner is given.
func (l *lab) env(w *mongodb.Writer) tasks.Env {
	return tasks.Env{
		Options: l.o, Library: taskstest.Declaration(l.t, l.layout), DB: w.Reader, Checkpoints: stores.Checkpoints(w),
		Now: l.now, Elapsed: new(taskstest.Clock).Elapsed, RunID: "run",
	}
}

// planned is a run that stands between its plan and its execution.
func (l *lab) planned() (tasks.Plan, *mongodb.Writer) {
	l.t.Helper()
	w := l.server.Writer(l.t)
	p, err := settings{l.open, l.most, l.batch, l.atOnce}.task().Prepare(l.t.Context(), l.env(w))
	l.must(err)
	return p, w
}

// Seen to fail without the last look before the deletion, and, for the record that moved, without the second reading
// of its path: its place in the albums was lost.
func TestWhatComesBackBetweenThePlanAndItsExecutionIsLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(l *lab)
		records string
	}{
		"a file":            {func(l *lab) { l.write("b") }, "a b"},
		"a file as another": {func(l *lab) { l.must(os.Symlink("a", l.on("b"))) }, "a b"},
		"a record that moved": {func(l *lab) {
			_, err := l.server.DB.Collection("file_records").UpdateOne(t.Context(), bson.D{{Key: "_id", Value: "b"}},
				bson.D{{Key: "$set", Value: bson.D{{Key: "path", Value: recorded + "/a"}}}})
			l.must(err)
		}, "a b"},
		"nothing": {func(*lab) {}, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			l := referred(t)
			p, w := l.planned()
			c.change(l)
			_, err := p.Execute(t.Context(), w)
			l.must(err)
			pointed := len(l.server.Documents(t, "embedding_records")) > 3
			if l.ids() != c.records || pointed != (c.records == "a b") {
				t.Errorf("records %q, want %q; embeddings %q", l.ids(), c.records, l.idsOf("embedding_records"))
			}
		})
	}
}

func TestARootThatIsSwappedBetweenThePlanAndItsExecutionIsRefused(t *testing.T) {
	l := referred(t)
	p, w := l.planned()
	l.must(os.Rename(l.root, l.root+".old"))
	l.mkdir(".")
	l.write("a")
	done, err := p.Execute(t.Context(), w)
	if err != nil || done.Verdict == nil || done.Verdict.Reason != report.ReasonRootNotMounted || l.ids() != "a b c" {
		t.Errorf("%v %+v, records %q", err, done.Verdict, l.ids())
	}
}

func TestOnlyOwnCollectionsAreWrittenInTheFirstPhase(t *testing.T) {
	l := newLab(t)
	l.crowd()
	l.record("gone")
	l.run()
	for _, write := range l.sent {
		if write != "update "+stores.RootsCollection && write != "update "+mongodb.MissingCollection {
			t.Errorf("it wrote: %s", write)
		}
	}
	if len(l.sent) != 2 {
		t.Errorf("writes %v", l.sent)
	}
}
