package mongodb_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/lock"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// low is a request that yields, high one that asks.
func low(run string, mode lock.Mode) lock.Request {
	r := request(run, mode)
	r.Yields = true
	return r
}

func high(run string, mode lock.Mode) lock.Request {
	r := request(run, mode)
	r.Asks = true
	return r
}

// asked is what became of a request that is made on the side.
type asked struct {
	lease lease
	err   error
}

// askAside asks for a lock, and returns when the wish is stored.
func askAside(t *testing.T, ctx context.Context, s mongotest.Server, r lock.Request) <-chan asked {
	t.Helper()
	stored, answer := make(chan struct{}), make(chan asked, 1)
	d := s.Connect(t, func(c connection.Command) {
		if c.Name == "find" && stored != nil && wishes(t, s) > 0 {
			close(stored)
			stored = nil
		}
	})
	wait := stored
	go func() {
		_, lease, err := lockAs(ctx, d, r)
		answer <- asked{lease, err}
	}()
	select {
	case <-wait:
	case got := <-answer:
		t.Fatalf("it did not wait: %v", got.err)
	}
	return answer
}

// wishes are the locks that are asked for and not held.
func wishes(t *testing.T, s mongotest.Server) (n int) {
	for _, doc := range s.Documents(t, mongodb.LocksCollection) {
		if waiting, _ := doc.Lookup("waiting").BooleanOK(); waiting {
			n++
		}
	}
	return n
}

// Seen to fail when the holder did not look for wishes: its context went on.
func TestHoldersMakeWayForARunThatAsks(t *testing.T) {
	for name, c := range map[string]struct {
		holders []lock.Mode
		asks    lock.Mode
	}{
		"a writer for a writer":       {[]lock.Mode{lock.Write}, lock.Write},
		"a writer for a reader":       {[]lock.Mode{lock.Write}, lock.Read},
		"all the readers of a writer": {[]lock.Mode{lock.Read, lock.Read}, lock.Write},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			d := s.Connect(t, nil)
			var contexts []context.Context
			var leases []lease
			for i, mode := range c.holders {
				ctx, lease := take(t, d, low("low-"+string(rune('a'+i)), mode))
				contexts, leases = append(contexts, ctx), append(leases, lease)
			}
			answer := askAside(t, t.Context(), s, high("high", c.asks))
			for i, lease := range leases {
				var yield *lock.YieldError
				lease.YieldIfAsked(t.Context())
				if !errors.As(context.Cause(contexts[i]), &yield) || yield.To.Run != "high" {
					t.Fatalf("holder %d goes on: %v", i, context.Cause(contexts[i]))
				}
				if !lease.TryRenew(t.Context()) {
					t.Error("the lock is not renewed until the holder comes to a safe point")
				}
				lease.Release(t.Context())
			}
			_, _, err := d.Lock(t.Context(), low("low-z", lock.Write))
			var held *lock.HeldError
			if !errors.As(err, &held) || held.By.Run != "high" {
				t.Errorf("another came first: %v", err)
			}
			got := <-answer
			if got.err != nil {
				t.Fatal(got.err)
			}
			got.lease.Release(t.Context())
			if left := s.Documents(t, mongodb.LocksCollection); len(left) != 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// A holder that was asked and does not come to a safe point in time keeps the lock, and the error says that it was
// asked.
func TestARunThatAsksGivesUpInTheEnd(t *testing.T) {
	s := mongotest.New(t)
	_, lease := take(t, s.Connect(t, nil), low("low", lock.Write))
	impatient := high("high", lock.Write)
	impatient.Patience = 2 * time.Second
	_, _, err := s.Connect(t, nil).Lock(t.Context(), impatient)
	var held *lock.HeldError
	if !errors.As(err, &held) || !held.Asked || held.By.Run != "low" || wishes(t, s) != 0 {
		t.Errorf("%d wishes are left: %v", wishes(t, s), err)
	}
	lease.Release(t.Context())
}

func TestWhoDoesNotYieldIsNotAsked(t *testing.T) {
	s := mongotest.New(t)
	d := s.Connect(t, nil)
	_, lease := take(t, d, high("first", lock.Write))
	began := time.Now()
	_, _, err := d.Lock(t.Context(), high("second", lock.Write))
	var held *lock.HeldError
	if !errors.As(err, &held) || held.Asked || wishes(t, s) != 0 || time.Since(began) > lock.YieldWithin/2 {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	lease.Release(t.Context())
}

// Seen to fail when a holder looked at no wish's end.
func TestTheWishOfARunThatWasKilledDoesNothing(t *testing.T) {
	s := mongotest.New(t)
	d := s.Connect(t, nil)
	ctx, lease := take(t, d, low("low", lock.Write))
	wish := high("killed", lock.Write).Wait("n", time.Now().Add(-lock.YieldWithin-time.Second))
	if _, err := s.DB.Collection(mongodb.LocksCollection).InsertOne(t.Context(), wish); err != nil {
		t.Fatal(err)
	}
	if lease.YieldIfAsked(t.Context()); ctx.Err() != nil {
		t.Errorf("it made way for a run that is gone: %v", context.Cause(ctx))
	}
	lease.Release(t.Context())
	_, lease = take(t, d, low("next", lock.Write))
	lease.Release(t.Context())
	if left := s.Documents(t, mongodb.LocksCollection); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// Seen to fail when the wish was removed with the context of the run.
func TestARunThatIsStoppedWhileItWaitsLeavesNoWish(t *testing.T) {
	s := mongotest.New(t)
	_, lease := take(t, s.Connect(t, nil), low("low", lock.Write))
	ctx, stop := context.WithCancel(t.Context())
	answer := askAside(t, ctx, s, high("high", lock.Write))
	stop()
	if got := <-answer; !errors.Is(got.err, context.Canceled) || wishes(t, s) != 0 {
		t.Errorf("%d wishes are left: %v", wishes(t, s), got.err)
	}
	lease.Release(t.Context())
}

// A record of a release that knew no wishes: its holder is taken for one that does not yield.
func TestARecordWithoutAWordAboutYieldingDoesNotYield(t *testing.T) {
	s := mongotest.New(t)
	old := bson.D{{Key: "_id", Value: "database x/write/1"}, {Key: "scope", Value: "database x"},
		{Key: "mode", Value: "write"}, {Key: "run", Value: "old"},
		{Key: "expires_at", Value: time.Now().Add(time.Hour)}}
	if _, err := s.DB.Collection(mongodb.LocksCollection).InsertOne(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Connect(t, nil).Lock(t.Context(), high("high", lock.Write)); err == nil ||
		!strings.Contains(err.Error(), "held by run old") {
		t.Error(err)
	}
}
