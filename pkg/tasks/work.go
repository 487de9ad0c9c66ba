package tasks

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/plaintext"
	"ucorefs.io/maintenance/pkg/sharing"
)

// Scan is DB.Scan of a collection that shows how far it has come; doing is the name of the step.
func (e Env) Scan(ctx context.Context, doing, collection string, o mongodb.ScanOptions,
	each func(bson.Raw) error) error {
	e.Progress.Start(doing, e.DB.Estimate(ctx, collection))
	defer e.Progress.Done()
	o.Used = e.Progress.Add
	return e.DB.Scan(ctx, collection, o, each)
}

// ScanParts is DB.ScanParts of a collection that shows how far it has come, as Scan does.
func (e Env) ScanParts(ctx context.Context, doing, collection string, o mongodb.ScanOptions,
	newPart func(alone bool) mongodb.Part) error {
	e.Progress.Start(doing, e.DB.Estimate(ctx, collection))
	defer e.Progress.Done()
	o.Used = e.Progress.Add
	return e.DB.ScanParts(ctx, collection, o, newPart)
}

// ReadShared is ScanParts of a collection that the processes of the run read together; see sharing.Scan.Read.
func (e Env) ReadShared(
	ctx context.Context, doing string, shared *sharing.Scan, o mongodb.ScanOptions, newPart func() sharing.Part,
	absorb func(documents int64, chunks sharing.Chunks) error,
) error {
	e.Progress.Start(doing, e.DB.Estimate(ctx, shared.Collection))
	defer e.Progress.Done()
	o.Used = e.Progress.Add
	return shared.Read(ctx, o, newPart, absorb)
}

// BatchSize is how many documents are written at a time, unless a task has a reason for another number.
const BatchSize = 500

// InBatches gives a list to write in parts of at most size, and shows how far it has come; doing is the name of the
// step. It ends at the first error.
func InBatches[T any](e Env, doing string, list []T, size int, write func([]T) error) error {
	return inParts(e, doing, list, func(rest []T) int { return min(size, len(rest)) }, write)
}

// BatchBytes is how many bytes of values are written at a time, unless a single document has more.
const BatchBytes = 4 << 20

// InBatchesBySize is InBatches in parts of at most BatchSize that also come to at most BatchBytes, by the size of each.
func InBatchesBySize[T any](e Env, doing string, list []T, size func(T) int, write func([]T) error) error {
	return inParts(e, doing, list, func(rest []T) int { return fitting(rest, size) }, write)
}

// inParts is InBatches in parts of as many of the rest as next says.
func inParts[T any](e Env, doing string, list []T, next func(rest []T) int, write func([]T) error) error {
	e.Progress.Start(doing, int64(len(list)))
	defer e.Progress.Done()
	for len(list) > 0 {
		n := next(list)
		if err := write(list[:n:n]); err != nil {
			return err
		}
		e.Progress.Add(int64(n))
		list = list[n:]
	}
	return nil
}

// fitting is how many of the first make one batch.
func fitting[T any](list []T, size func(T) int) int {
	for n, bytes := 0, 0; ; n++ {
		if n == min(len(list), BatchSize) {
			return n
		}
		if bytes += size(list[n]); bytes > BatchBytes && n > 0 {
			return n
		}
	}
}

// SampleSize is how many items of each kind a person is shown, and how many failures.
const SampleSize = 5

// First is the first few of a list, for a sample.
func First[T any](list []T) []T { return list[:min(SampleSize, len(list))] }

// Failures are what could not be done.
type Failures struct {
	N   int64
	Why []string // of the first few, each in one line
}

// Add counts one more.
func (f *Failures) Add(err error) {
	if f.N++; len(f.Why) < SampleSize {
		f.Why = append(f.Why, plaintext.Line(err.Error()))
	}
}

// Add adds a sentence about n things, such as a warning, unless n is 0. The format's first argument is n.
func Add(sentences *[]string, n int64, format string, args ...any) {
	if n > 0 {
		*sentences = append(*sentences, fmt.Sprintf(format, append([]any{n}, args...)...))
	}
}

// InOrder does steps one after the other, up to the first error.
func InOrder(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
