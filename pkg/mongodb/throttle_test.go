package mongodb_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/throttle"
)

var limits = throttle.Limits{Documents: 10_000, Files: 1, Latency: 100 * time.Millisecond, Cursors: 2}

// The time is that of a bubble, in which the server takes none.
func TestAScanTakesNoMoreThanItsThrottleAllows(t *testing.T) {
	const documents = 100_000
	synctest.Test(t, func(t *testing.T) {
		r := manyFilesOn(t, strictmongo.New(t, strictmongo.Options{}), documents, throttle.New(limits))
		_, _, took := sharedScan(t, r, documents)
		if took < 9*time.Second || took > 11*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAScanMakesRoomWhenAnswersComeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := strictmongo.New(t, strictmongo.Options{Latency: 20 * time.Millisecond})
		limit := throttle.New(limits)
		r := manyFilesOn(t, s, 40_000, limit)
		var busy atomic.Bool
		s.Watch(func(c strictmongo.Command) *strictmongo.Fault {
			if busy.Load() && c.Name == "getMore" {
				time.Sleep(time.Second)
			}
			return nil
		})
		n := 0
		err := r.Scan(t.Context(), mongotest.Things, mongodb.ScanOptions{BatchSize: 1000}, func(bson.Raw) error {
			n++
			busy.Store(n > 20_000 && n < 24_000)
			return nil
		})
		if state := limit.State(); err != nil || !state.Slowed || state.Documents >= 10_000 {
			t.Errorf("%v, %+v", err, state)
		}
	})
}

// A write waits before it looks whether the lock is still held.
func TestWritesTakeNoMoreThanTheirThrottleAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := strictmongo.New(t, strictmongo.Options{})
		limited := limits
		limited.Documents = 10
		d := openThrottled(t, s, throttle.New(limited))
		w := mongotest.Writer(t, d)
		for i := range int64(30) {
			if _, err := w.InsertOnce(t.Context(), mongotest.Things, bson.D{{Key: "_id", Value: i},
				{Key: "v", Value: 1}}); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		for i := range int64(3) {
			var ids []int64
			for id := range int64(10) {
				ids = append(ids, 10*i+id)
			}
			written, err := w.Update(t.Context(), mongotest.Things, mongotest.Updates(ids...))
			if err != nil || written.Modified != 10 {
				t.Fatal(written, err)
			}
		}
		if took := time.Since(began); took < 2*time.Second || took > 4*time.Second {
			t.Errorf("30 updates at 10 a second took %s", took)
		}
	})
}
