package mongodb_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/throttle"
)

// objectIDs are those of some of the documents.
func objectIDs(docs []bson.D) (ids []bson.ObjectID) {
	for _, doc := range docs {
		if id, ok := doc[0].Value.(bson.ObjectID); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestRangesAreACollectionOnce(t *testing.T) {
	s := mongotest.New(t)
	docs := mixed(140)
	mongotest.Put(t, s, docs...)
	r := s.Connect(t, nil).Reader()
	for name, c := range map[string]struct {
		sample []bson.ObjectID
		n      int
	}{
		"one":                                {objectIDs(docs), 1},
		"several, of all ids":                {objectIDs(docs), 7},
		"more than there are ids":            {objectIDs(docs[:9]), 50},
		"of a sample that has an id often":   {append(objectIDs(docs[:20]), objectIDs(docs[:20])...), 4},
		"of a sample of one":                 {objectIDs(docs)[:1], 4},
		"of no sample":                       {nil, 4},
		"of ids that are not there any more": {[]bson.ObjectID{{1}, {0x30, 0x31}, {0xff}}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[bsonvalue.ID]int{}
			for _, one := range mongodb.Ranges(c.sample, c.n) {
				o := mongodb.ScanOptions{Paged: true, BatchSize: 6, PageTime: 1, After: one.After, UpTo: one.UpTo}
				for id, n := range scanOf(t, r, o) {
					seen[id] += n
				}
			}
			exactlyOnce(t, wanted(docs, mongodb.ScanOptions{}), seen)
		})
	}
}

// scanOf is scan of whole documents.
func scanOf(t *testing.T, r *mongodb.Reader, o mongodb.ScanOptions) map[bsonvalue.ID]int {
	t.Helper()
	seen := map[bsonvalue.ID]int{}
	err := r.Scan(t.Context(), mongotest.Things, o, func(doc bson.Raw) error {
		seen[bsonvalue.Reference(doc, "_id")]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestRangesAreAboutEquallyLarge(t *testing.T) {
	chance := rand.New(rand.NewPCG(3, 3))
	const documents, n = 100_000, 64
	ids := make([]bson.ObjectID, documents)
	for i := range ids { // imports of many files at a time, years apart
		binary.BigEndian.PutUint32(ids[i][:], uint32(i/10_000*30_000_000+i%7))
		binary.BigEndian.PutUint64(ids[i][4:], chance.Uint64())
	}
	var sample []bson.ObjectID
	for range 16 * n {
		sample = append(sample, ids[chance.IntN(documents)])
	}
	ranges := mongodb.Ranges(sample, n)
	counts := make([]int, len(ranges))
	for _, id := range ids {
		counts[rangeOf(ranges, id)]++
	}
	for i, count := range counts {
		if mean := documents / n; count > 3*mean {
			t.Errorf("range %d of %d has %d documents, the mean is %d", i, len(ranges), count, mean)
		}
	}
}

func rangeOf(ranges []mongodb.Range, id bson.ObjectID) int {
	for i, one := range ranges {
		if one.UpTo.IsZero() || string(id[:]) <= string(one.UpTo.Value) {
			return i
		}
	}
	return -1
}

// manyFiles is a collection on a server in a bubble.
func manyFiles(t *testing.T, documents, perSecond int) *mongodb.Reader {
	t.Helper()
	return manyFilesOn(t, strictmongo.New(t, strictmongo.Options{DocumentsPerSecond: perSecond}), documents, nil)
}

// manyFilesOn is manyFiles on a server of the caller's, read with a throttle.
func manyFilesOn(t *testing.T, s *strictmongo.Server, documents int, limit *throttle.Throttle) *mongodb.Reader {
	t.Helper()
	s.Replay(t, "library", mongotest.Things, strictmongo.Replay{Documents: documents, Document: func(i int) bson.D {
		return bson.D{{Key: "_id", Value: fileID(i)}}
	}})
	return openThrottled(t, s, limit).Reader()
}

func openThrottled(t *testing.T, s *strictmongo.Server, limit *throttle.Throttle) *mongodb.Database {
	t.Helper()
	d, err := mongodb.Connect(t.Context(), connection.Options{URI: "mongodb://server/", Name: "library", Dial: s.Dial,
		Throttle: limit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close(context.Background()) })
	return d
}

func fileID(i int) (id bson.ObjectID) {
	binary.BigEndian.PutUint64(id[4:], uint64(i)+1)
	return id
}

// The time is that of a bubble, in which only the server takes any.
func TestCursorsShareACollection(t *testing.T) {
	const documents, perSecond = 200_000, 20_000
	for name, c := range map[string]struct {
		cursors int
		longest time.Duration
	}{
		"one":   {1, documents * time.Second / perSecond},
		"two":   {2, 6 * time.Second},
		"four":  {4, 4 * time.Second},
		"eight": {8, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := manyFiles(t, documents, perSecond).With(func(f *connection.Facts) { f.MaxCursors = c.cursors })
				seen, merged, took := sharedScan(t, r, documents)
				if took > c.longest+time.Second/10 {
					t.Errorf("it took %s, %s may be", took, c.longest)
				}
				for i, n := range seen {
					if n != 1 {
						t.Fatalf("document %d was given %d times", i, n)
					}
				}
				if merged != documents {
					t.Errorf("%d documents were merged", merged)
				}
			})
		})
	}
}

// sharedScan is how often each document was given, how many were merged, and how long it took.
func sharedScan(t *testing.T, r *mongodb.Reader, documents int) (seen []int32, merged int, took time.Duration) {
	t.Helper()
	seen = make([]int32, documents)
	began := time.Now()
	var reading, merging, used atomic.Int64
	o := mongodb.ScanOptions{Used: func(n int64) { used.Add(n) }}
	err := r.ScanParts(t.Context(), mongotest.Things, o, func(bool) mongodb.Part {
		own := 0
		return mongodb.Part{
			Each: func(doc bson.Raw) error {
				reading.Add(1)
				defer reading.Add(-1)
				if merging.Load() != 0 {
					t.Error("a document is given during a merge")
				}
				id := doc.Lookup("_id").ObjectID()
				atomic.AddInt32(&seen[binary.BigEndian.Uint64(id[4:])-1], 1)
				own++
				return nil
			},
			Merge: func() error {
				if merging.Add(1) != 1 || reading.Load() != 0 {
					t.Error("it does not merge alone")
				}
				defer merging.Add(-1)
				merged += own
				own = 0
				return nil
			},
		}
	})
	if err != nil || used.Load() != int64(documents) {
		t.Fatalf("%v, %d documents used", err, used.Load())
	}
	return seen, merged, time.Since(began)
}

func TestAnErrorOfAPartEndsAll(t *testing.T) {
	stop := errors.New("stop")
	for name, part := range map[string]mongodb.Part{
		"of a document": {Each: func(bson.Raw) error { return stop }, Merge: func() error { return nil }},
		"of a merge":    {Each: func(bson.Raw) error { return nil }, Merge: func() error { return stop }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := manyFiles(t, 60_000, 20_000)
				err := r.ScanParts(t.Context(), mongotest.Things, mongodb.ScanOptions{}, func(bool) mongodb.Part { return part })
				if !errors.Is(err, stop) {
					t.Error(err)
				}
			})
		})
	}
}

func TestOneCursorReadsWhatIsInAnOrderOrSmall(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, mixed(70)...)
	for name, o := range map[string]mongodb.ScanOptions{
		"a small collection": {}, "a filter": {Filter: bson.D{{Key: "v", Value: 1}}},
	} {
		parts := 0
		seen := map[bsonvalue.ID]int{}
		err := s.Connect(t, nil).Reader().ScanParts(t.Context(), mongotest.Things, o, func(alone bool) mongodb.Part {
			if parts++; !alone {
				t.Errorf("%s: the part is not alone", name)
			}
			return mongodb.Part{Merge: func() error { return nil }, Each: func(doc bson.Raw) error {
				seen[bsonvalue.Reference(doc, "_id")]++
				return nil
			}}
		})
		if err != nil || parts != 1 {
			t.Errorf("%s: %v, %d parts", name, err, parts)
		}
		exactlyOnce(t, wanted(mixed(70), o), seen)
	}
}
