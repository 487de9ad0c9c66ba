package strictmongo_test

import (
	"context"
	"encoding/binary"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"ucorefs.io/maintenance/internal/testing/strictmongo"
)

func replayed(i int) bson.D {
	return d("_id", objectID(2*i), "n", i, "name", "a name", "list", bson.A{i, i + 1})
}

func objectID(i int) (id bson.ObjectID) {
	binary.BigEndian.PutUint64(id[4:], uint64(i)+1)
	return id
}

// An ordinary collection with the same documents is the oracle.
func TestAReplayAnswersLikeAnyCollection(t *testing.T) {
	const n = 50
	s := strictmongo.Start(t, strictmongo.Options{})
	db := open(t, s.URI)
	s.Replay(t, "library", "replay", strictmongo.Replay{Documents: n, Document: replayed})
	for i := range n {
		if _, err := db.Collection("things").InsertOne(t.Context(), replayed(i)); err != nil {
			t.Fatal(err)
		}
	}
	objectIDs, texts := d("$type", bson.A{int32(bson.TypeObjectID)}), d("$type", bson.A{int32(bson.TypeString)})
	for name, filter := range map[string]bson.D{
		"all":                        d(),
		"behind one":                 d("_id", d("$gt", objectID(20))),
		"behind one that is not":     d("_id", d("$gt", objectID(21))),
		"from one on":                d("_id", d("$gte", objectID(20))),
		"before one":                 d("_id", d("$lt", objectID(20))),
		"up to one":                  d("_id", d("$lte", objectID(20))),
		"a range":                    d("_id", d("$gt", objectID(20), "$lte", objectID(60))),
		"a range that is empty":      d("_id", d("$gt", objectID(60), "$lte", objectID(20))),
		"behind the last":            d("_id", d("$gt", objectID(2*n))),
		"ids of the type":            d("_id", objectIDs),
		"ids of another type":        d("_id", texts),
		"two conditions as a list":   d("$and", bson.A{d("_id", d("$gt", objectID(20))), d("_id", d("$lte", objectID(60)))}),
		"all by two empty documents": d("$and", bson.A{d(), d()}),
	} {
		t.Run(name, func(t *testing.T) {
			for _, o := range []*options.FindOptionsBuilder{
				options.Find(), options.Find().SetBatchSize(7), options.Find().SetLimit(9).SetBatchSize(4),
				options.Find().SetProjection(d("n", 1)), options.Find().SetProjection(d("list", 1, "_id", 1)),
			} {
				o.SetSort(d("_id", 1))
				if diff := cmp.Diff(documents(t, db.Collection("things"), filter, o), documents(t, db.Collection("replay"), filter,
					o)); diff != "" {
					t.Errorf("(-things +replay):\n%s", diff)
				}
			}
		})
	}
	if n, err := db.Collection("replay").EstimatedDocumentCount(t.Context()); n != 50 || err != nil {
		t.Errorf("it says that it has %d documents, %v", n, err)
	}
}

func documents(t *testing.T, c *mongo.Collection, filter bson.D, o *options.FindOptionsBuilder) (docs []string) {
	t.Helper()
	cursor, err := c.Find(t.Context(), filter, o)
	if err != nil {
		t.Fatal(err)
	}
	var raws []bson.Raw
	if err := cursor.All(t.Context(), &raws); err != nil {
		t.Fatal(err)
	}
	for _, raw := range raws {
		docs = append(docs, raw.String())
	}
	return docs
}

func TestAReplayGivesAFewDocumentsFromEitherEnd(t *testing.T) {
	s := strictmongo.Start(t, strictmongo.Options{})
	s.Replay(t, "library", "replay", strictmongo.Replay{Documents: 3, Document: replayed})
	c := open(t, s.URI).Collection("replay")
	for order, want := range map[int][]int{1: {0, 1}, -1: {2, 1}} {
		cursor, err := c.Find(t.Context(), d(), options.Find().SetSort(d("_id", order)).SetLimit(2))
		if err != nil {
			t.Fatal(err)
		}
		var got []struct{ N int }
		if err := cursor.All(t.Context(), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]struct{ N int }{{want[0]}, {want[1]}}, got); diff != "" {
			t.Errorf("order %d (-want +got):\n%s", order, diff)
		}
	}
}

func TestAReplayRefusesWhatItCannotAnswer(t *testing.T) {
	s := strictmongo.Start(t, strictmongo.Options{})
	s.Replay(t, "library", "replay", strictmongo.Replay{Documents: 3, Document: replayed})
	c := open(t, s.URI).Collection("replay")
	_, backwards := c.Find(t.Context(), d(), options.Find().SetSort(d("_id", -1)))
	for name, err := range map[string]error{
		"another field": c.FindOne(t.Context(), d("n", 1)).Err(),
		"another order": c.FindOne(t.Context(), d(), options.FindOne().SetSort(d("n", 1))).Err(),
		"all backwards": backwards,
		"another type":  c.FindOne(t.Context(), d("_id", d("$gt", "a"))).Err(),
	} {
		if codeOf(t, err) != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASampleIsOfDifferentDocuments(t *testing.T) {
	s := strictmongo.Start(t, strictmongo.Options{})
	db := open(t, s.URI)
	s.Replay(t, "library", "replay", strictmongo.Replay{Documents: 1000, Document: replayed})
	for i := range 1000 {
		if _, err := db.Collection("things").InsertOne(t.Context(), replayed(i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"replay", "things"} {
		cursor, err := db.Collection(name).Aggregate(t.Context(), bson.A{d("$sample", d("size", 100)),
			d("$project", d("_id", 1))})
		if err != nil {
			t.Fatal(err)
		}
		var docs []bson.D
		if err := cursor.All(t.Context(), &docs); err != nil {
			t.Fatal(err)
		}
		ids := map[any]bool{}
		for _, doc := range docs {
			if len(doc) != 1 || doc[0].Key != "_id" {
				t.Fatalf("%s: %v", name, doc)
			}
			ids[doc[0].Value] = true
		}
		if len(docs) != 100 || len(ids) < 80 {
			t.Errorf("%s: %d documents with %d ids", name, len(docs), len(ids))
		}
	}
}

// The time is that of a bubble: it passes only while everything waits. Seen to fail without the pause for the
// documents.
func TestAServerTakesItsTime(t *testing.T) {
	const latency, perSecond = 10 * time.Millisecond, 1000
	for _, name := range []string{"things", "replay"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := strictmongo.New(t, strictmongo.Options{Latency: latency, DocumentsPerSecond: perSecond})
				s.Replay(t, "library", "replay", strictmongo.Replay{Documents: 100, Document: replayed})
				db := dial(t, s)
				if name == "things" {
					for i := range 100 {
						if _, err := db.Collection(name).InsertOne(t.Context(), replayed(i)); err != nil {
							t.Fatal(err)
						}
					}
				}
				began := time.Now()
				docs := documents(t, db.Collection(name), d(), options.Find().SetBatchSize(20))
				// The driver asks five times: the fifth batch is full, but the server says that it is the last.
				if took := time.Since(began); len(docs) != 100 || took != 5*latency+100*time.Second/perSecond {
					t.Errorf("%d documents in %s", len(docs), took)
				}
			})
		})
	}
}

// dial is open without a network.
func dial(t *testing.T, s *strictmongo.Server) *mongo.Database {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://server/").SetDialer(dialer(s.Dial)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database("library")
}

// dialer implements options.ContextDialer.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
}
