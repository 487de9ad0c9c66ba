package cleanuporphanedrecords_test

import (
	"math/rand/v2"
	"testing"

	"ucorefs.io/maintenance/internal/testing/librarytest"
	"ucorefs.io/maintenance/internal/testing/taskstest"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/tasks/cleanuporphanedrecords"
)

// People work while the task runs, and again afterwards nothing that leads somewhere is missing: the library is,
// after one more run, what the same work without maintenance and a cleanup at the end make of it. Counters aside,
// which are others' to keep. Seen to fail when a list lost more than what is gone.
func TestWhatPeopleDoWhileTheTaskRunsIsNotUndone(t *testing.T) {
	for _, l := range taskstest.Layouts {
		for seed := range int64(taskstest.Fewer(8)) {
			t.Run(l.String(), func(t *testing.T) {
				t.Parallel()
				b := taskstest.New(t, damaged(l, seed))
				steps := worksWhile(t, b, seed)
				b.Run(cleanuporphanedrecords.Task())
				want := l.Cleaned(workedAlone(t, damaged(l, seed), seed, steps))
				taskstest.Same(t, "after the run", uncounted(want), uncounted(b.Read()))
			})
		}
	}
}

// worksWhile runs the task while somebody works, and returns how many things were done.
func worksWhile(t *testing.T, b *taskstest.Bench, seed int64) (steps int) {
	t.Helper()
	writer, chance := librarytest.NewWriter(b.Layout, seed, b.Server.DB, b.Read()), rand.New(rand.NewPCG(uint64(seed), 7))
	b.Before = func(connection.Command) {
		if chance.IntN(4) == 0 {
			steps++
			step(t, writer)
		}
	}
	plan, err := cleanuporphanedrecords.Task().Prepare(t.Context(), b.Env)
	if err != nil || plan.Verdict != nil {
		t.Fatalf("prepare: %v, %+v", err, plan.Verdict)
	}
	if _, err := plan.Execute(t.Context(), b.Writer); err != nil {
		t.Fatal(err)
	}
	b.Before = nil
	return steps
}

func workedAlone(t *testing.T, l librarytest.Library, seed int64, steps int) librarytest.Docs {
	t.Helper()
	b := taskstest.New(t, l)
	writer := librarytest.NewWriter(l.Layout, seed, b.Server.DB, b.Read())
	for range steps {
		step(t, writer)
	}
	return b.Read()
}

func step(t *testing.T, w *librarytest.Writer) {
	t.Helper()
	if err := w.Step(t.Context()); err != nil {
		t.Error(err)
	}
}

// uncounted is docs with all counters at 0.
func uncounted(docs librarytest.Docs) librarytest.Docs {
	without := librarytest.Docs{}
	for collection, list := range docs {
		for _, doc := range list {
			for _, counter := range []string{"file_count", "child_count", "total_size", "total_files", "annotated_count"} {
				if doc.Lookup(counter).Type != 0 {
					doc = librarytest.With(doc, counter, int32(0))
				}
			}
			without[collection] = append(without[collection], doc)
		}
	}
	return without
}
