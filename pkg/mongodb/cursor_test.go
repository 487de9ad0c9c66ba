package mongodb_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// strict is a library with some documents on a strict server, which takes a getMore in the session of the cursor only,
// and without a maxTimeMS.
func strict(t *testing.T, form strictmongo.Form, docs ...bson.D) (*strictmongo.Server, mongotest.Server) {
	t.Helper()
	server := strictmongo.Start(t, strictmongo.Options{Form: form})
	s := mongotest.At(t, server.URI+"?retryWrites=false")
	mongotest.Put(t, s, docs...)
	return server, s
}

// The run has an end, as that of a Job has. Seen to fail with a getMore outside of the cursor's session, and with one
// to which the driver added the time that is left.
func TestEveryServerGivesEveryDocumentOnce(t *testing.T) {
	docs := mixed(700)
	for _, form := range strictmongo.Forms {
		_, s := strict(t, form, docs...)
		for _, timeoutMS := range []string{"", "&timeoutMS=60000"} {
			t.Run(form.String()+timeoutMS, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				d := connect(t, s, timeoutMS)
				if own := d.Facts().OwnGetMore; own != (form != strictmongo.Mongos && timeoutMS == "") {
					t.Errorf("own getMore: %t", own)
				}
				if d.Reader().FromSecondary().Facts().OwnGetMore {
					t.Error("own getMore on a secondary")
				}
				for name, o := range modes {
					seen := map[bsonvalue.ID]int{}
					err := d.Reader().Scan(ctx, mongotest.Things, o, func(doc bson.Raw) error {
						seen[bsonvalue.Reference(doc, "_id")]++
						return nil
					})
					if err != nil {
						t.Fatal(name, err)
					}
					exactlyOnce(t, wanted(docs, o), seen)
				}
			})
		}
	}
}

// connect connects with one more option in the connection string.
func connect(t *testing.T, s mongotest.Server, option string) *mongodb.Database {
	t.Helper()
	d, err := mongodb.Connect(t.Context(), connection.Options{URI: s.URI + option, Name: s.Name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close(context.Background()) })
	return d
}

// A new primary does not know the cursors of the one before. Seen to fail where that was an error.
func TestAScanGoesOnWhereItsCursorIsGone(t *testing.T) {
	server, s := strict(t, strictmongo.ReplicaSet, mixed(700)...)
	var asked atomic.Int64
	server.Watch(func(c strictmongo.Command) *strictmongo.Fault {
		if c.Name == "getMore" && asked.Add(1)%2 == 0 {
			return strictmongo.Passing(43, "CursorNotFound")
		}
		return nil
	})
	r := s.Connect(t, nil).Reader()
	exactlyOnce(t, wanted(mixed(700), mongodb.ScanOptions{}), scan(t, r, mongodb.ScanOptions{BatchSize: 20}))
	if asked.Load() < 10 {
		t.Errorf("%d times more was asked for", asked.Load())
	}
}

func TestAScanThatEndsEarlyEndsItsCursor(t *testing.T) {
	for name, most := range map[string]int{"in the first batch": 5, "in another batch": 350} {
		t.Run(name, func(t *testing.T) {
			server, s := strict(t, strictmongo.ReplicaSet, mixed(700)...)
			var open, killed atomic.Bool
			server.Watch(func(c strictmongo.Command) *strictmongo.Fault {
				open.Store(open.Load() || c.Name == "find")
				killed.Store(killed.Load() || c.Name == "killCursors")
				return nil
			})
			stop, n := errors.New("stop"), 0
			err := s.Connect(t, nil).Reader().Scan(t.Context(), mongotest.Things, mongodb.ScanOptions{BatchSize: 20},
				func(bson.Raw) error {
					if n++; n == most {
						return stop
					}
					return nil
				})
			if err != stop || !open.Load() || !killed.Load() {
				t.Errorf("%v; opened %t, killed %t", err, open.Load(), killed.Load())
			}
		})
	}
}

// A server that does not answer does not keep a run beyond its end.
func TestAScanEndsWithItsContext(t *testing.T) {
	server, s := strict(t, strictmongo.ReplicaSet, mixed(700)...)
	ctx, cancel := context.WithCancelCause(t.Context())
	why, answer := errors.New("another run asks for the lock"), make(chan struct{})
	defer close(answer)
	server.Watch(func(c strictmongo.Command) *strictmongo.Fault {
		if c.Name == "getMore" {
			cancel(why)
			<-answer
		}
		return nil
	})
	err := s.Connect(t, nil).Reader().Scan(ctx, mongotest.Things, mongodb.ScanOptions{},
		func(bson.Raw) error { return nil })
	if !errors.Is(err, why) && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
