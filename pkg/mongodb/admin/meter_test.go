package admin_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/admin"
)

// rate is what a meter says of the time since its last answer.
func rate(t *testing.T, m *admin.Meter) float64 {
	t.Helper()
	r, err := m.Rate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// All kinds of commands of one client are seen by another's meter, each as one.
func TestAMeterCountsWhatOthersDo(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: 1}}, bson.D{{Key: "_id", Value: 2}})
	m := admin.NewMeter(s.Connect(t, nil).Reader())
	before := time.Now()
	if r := rate(t, m); r != 0 {
		t.Errorf("at the first look: %v", r)
	}
	began := time.Now()
	c := s.DB.Collection(mongotest.Things)
	one := bson.D{{Key: "_id", Value: 1}}
	for _, do := range []func() error{
		func() error { _, err := c.InsertOne(t.Context(), bson.D{}); return err },
		func() error { return c.FindOne(t.Context(), one).Err() },
		func() error { _, err := c.CountDocuments(t.Context(), one); return err },
		func() error { return c.Distinct(t.Context(), "v", bson.D{}).Err() },
		func() error {
			_, err := c.UpdateOne(t.Context(), one, bson.D{{Key: "$set", Value: bson.D{{Key: "v", Value: 2}}}})
			return err
		},
		func() error { return c.FindOneAndDelete(t.Context(), one).Err() },
		func() error { _, err := c.DeleteMany(t.Context(), bson.D{}); return err },
		func() error { return s.DB.Client().Ping(t.Context(), nil) }, // no work
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	shortest := time.Since(began) // between the two looks, and at most:
	r := rate(t, m)
	if least, most := r*shortest.Seconds(), r*time.Since(before).Seconds(); least > 7.01 || most < 6.99 {
		t.Errorf("it saw %.2f to %.2f operations, and there were 7", least, most)
	}
	if r := rate(t, m); r != 0 {
		t.Errorf("when they are through: %v", r)
	}
}

// Seen to fail when own operations were not subtracted: it measured some hundred a second; and when those under
// way at the first of two samples were forgotten.
func TestAMeterDoesNotCountWhatThisClientDoes(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: 1}})
	w := s.Writer(t)
	m := admin.NewMeter(w.Reader)
	rate(t, m)
	stop := make(chan struct{})
	var work sync.WaitGroup
	for range 3 {
		work.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := w.Update(t.Context(), mongotest.Things, mongotest.Updates(1)); err != nil {
					t.Error(err)
				}
				if _, err := w.Count(t.Context(), mongotest.Things, bson.D{}); err != nil {
					t.Error(err)
				}
				if err := w.Scan(t.Context(), mongotest.Things, mongodb.ScanOptions{},
					func(bson.Raw) error { return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 50 { // while commands are under way, too
		if r := rate(t, m); r != 0 {
			t.Errorf("own work: %v operations a second", r)
		}
	}
	close(stop)
	work.Wait()
}

func TestAServerThatDoesNotTellIsUncountable(t *testing.T) {
	s := mongotest.New(t)
	r := s.Connect(t, nil).Reader()
	for name, c := range map[string]struct {
		status bson.D
		known  bool
		n      int64
	}{
		"commands": {bson.D{{Key: "metrics",
			Value: bson.D{{Key: "commands", Value: bson.D{{Key: "find", Value: bson.D{{Key: "total", Value: int64(7)}}},
				{Key: "hello", Value: bson.D{{Key: "total", Value: int64(99)}}}}}}}}, true, 7},
		"without oplogs": {bson.D{{Key: "metrics",
			Value: bson.D{{Key: "commands", Value: bson.D{{Key: "getMore", Value: bson.D{{Key: "total", Value: int64(7)}}}}},
				{Key: "repl", Value: bson.D{{Key: "network",
					Value: bson.D{{Key: "oplogGetMoresProcessed", Value: bson.D{{Key: "num", Value: int64(5)}}}}}}}}}}, true, 2},
		"opcounters": {bson.D{{Key: "opcounters", Value: bson.D{{Key: "insert", Value: int32(3)}, {Key: "query", Value: 4.0},
			{Key: "command", Value: int64(99)}}}}, true, 7},
		"nothing": {bson.D{{Key: "ok", Value: 1}}, false, 0},
	} {
		status, err := bson.Marshal(c.status)
		if err != nil {
			t.Fatal(err)
		}
		if n, _, known := admin.Total(status); n != c.n || known != c.known {
			t.Errorf("%s: %d, %v", name, n, known)
		}
	}
	gone := admin.NewMeter(r)
	rate(t, gone)
	gone.Forget("another server")
	var uncountable *admin.UncountableError
	if _, err := gone.Rate(t.Context()); !errors.As(err, &uncountable) {
		t.Errorf("when another server answers: %v", err)
	}
	if now := rate(t, gone); now != 0 {
		t.Errorf("after that: %v", now)
	}
}
