package mongodb_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// mixed are n documents with ids of all types, in no order.
func mixed(n int) []bson.D {
	r := rand.New(rand.NewPCG(1, 1))
	var docs []bson.D
	for i := range n {
		docs = append(docs, bson.D{{Key: "_id", Value: mixedID(r, i)}, {Key: "v", Value: int32(i % 2)},
			{Key: "w", Value: "x"}})
	}
	r.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	return docs
}

func mixedID(r *rand.Rand, i int) any {
	n := int64(i)*1000 + r.Int64N(1000)
	switch i % 7 {
	case 0, 1:
		var id bson.ObjectID
		copy(id[:], fmt.Sprintf("%012d", n))
		return id
	case 2:
		return fmt.Sprint(n)
	case 3:
		return int32(n)
	case 4:
		return n << 20
	case 5:
		return float64(n) + 0.5
	}
	return bson.Binary{Data: []byte(fmt.Sprint(n))}
}

// modes are the ways in which a collection is read, chosen by Facts or by the caller.
var modes = map[string]mongodb.ScanOptions{
	"one cursor":                     {},
	"pages":                          {Paged: true, BatchSize: 10, PageTime: 1},
	"pages of one document":          {Paged: true, BatchSize: 1, PageTime: 1},
	"one page that is full exactly":  {Paged: true, BatchSize: 70, PageTime: 1},
	"a page that is larger than all": {Paged: true},
	"one page of several batches":    {Paged: true, BatchSize: 10},
	"pages, of some fields":          {Paged: true, BatchSize: 9, PageTime: 1, Fields: []string{"v"}},
	"pages, of some documents":       {Paged: true, BatchSize: 4, PageTime: 1, Filter: bson.D{{Key: "v", Value: 1}}},
	"one cursor, of some documents":  {Filter: bson.D{{Key: "v", Value: 1}}},
	"pages, of documents with some values": {Paged: true, BatchSize: 4, PageTime: 1,
		Filter: mongodb.In("v", []bsonvalue.ID{bsonvalue.Int(1)})},
}

// Seen to fail when pages went on by $gt alone: that ends, silently, with the first type of ids.
func TestScanGivesEveryDocumentOnce(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, mixed(70)...)
	r := s.Connect(t, nil).Reader()
	for name, o := range modes {
		for _, server := range []string{"as it is", "that pages"} {
			t.Run(name+", on a server "+server, func(t *testing.T) {
				r := r.With(func(f *connection.Facts) { f.PageByID = server == "that pages" })
				exactlyOnce(t, wanted(mixed(70), o), scan(t, r, o))
			})
		}
	}
}

// wanted are the ids that a scan must give.
func wanted(docs []bson.D, o mongodb.ScanOptions) (ids []any) {
	for _, doc := range docs {
		if o.Filter == nil || doc[1].Value == int32(1) {
			ids = append(ids, doc[0].Value)
		}
	}
	return ids
}

// scan is how often each id was given.
func scan(t *testing.T, r *mongodb.Reader, o mongodb.ScanOptions) map[bsonvalue.ID]int {
	t.Helper()
	seen := map[bsonvalue.ID]int{}
	err := r.Scan(t.Context(), mongotest.Things, o, func(doc bson.Raw) error {
		seen[bsonvalue.Reference(doc, "_id")]++
		if _, err := doc.LookupErr("w"); (err == nil) != (o.Fields == nil) {
			t.Errorf("not the fields that were asked for: %s", doc)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func exactlyOnce(t *testing.T, want []any, seen map[bsonvalue.ID]int) {
	t.Helper()
	for _, id := range want {
		if n := seen[mongotest.Of(t, id)]; n != 1 {
			t.Errorf("%T %v was given %d times", id, id, n)
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d different documents, want %d", len(seen), len(want))
	}
}

// Documents that were there all the time are given once, whatever comes and goes beside them.
func TestScanWhileOthersWrite(t *testing.T) {
	for name, o := range map[string]mongodb.ScanOptions{"one cursor": {}, "pages": {Paged: true, BatchSize: 7,
		PageTime: 1}} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			stay, leave := mixed(140)[:70], mixed(140)[70:]
			mongotest.Put(t, s, stay...)
			mongotest.Put(t, s, leave...)
			r := s.Connect(t, nil).Reader()
			seen := map[bsonvalue.ID]int{}
			n := 0
			chance := rand.New(rand.NewPCG(2, 2))
			err := r.Scan(t.Context(), mongotest.Things, o, func(doc bson.Raw) error {
				seen[bsonvalue.Reference(doc, "_id")]++
				if n < len(leave) {
					mongotest.Remove(t, s, leave[n][0].Value)
					mongotest.Put(t, s, bson.D{{Key: "_id", Value: mixedID(chance, 1000+n)}, {Key: "v", Value: 7}})
				}
				n++
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, doc := range stay {
				if n := seen[mongotest.Of(t, doc[0].Value)]; n != 1 {
					t.Errorf("%v was given %d times", doc[0].Value, n)
				}
			}
			for id, n := range seen {
				if n > 1 {
					t.Errorf("%s was given %d times", id, n)
				}
			}
		})
	}
}

// Seen to run for ever when a position said only which types it had done last.
func TestScanGoesOnFromAnyPositionThatWasSaved(t *testing.T) {
	s := mongotest.New(t)
	docs := mixed(50)
	mongotest.Put(t, s, docs...)
	r := s.Connect(t, nil).Reader()
	stop := errors.New("stop")
	for pages := 1; ; pages++ {
		seen := map[bsonvalue.ID]int{}
		var saved []byte
		page := map[bsonvalue.ID]int{}
		o := mongodb.ScanOptions{Paged: true, BatchSize: 6, PageTime: 1}
		n := 0
		o.Visited = func(p mongodb.Position) error {
			for id, times := range page { // what a saved position vouches for
				seen[id] += times
			}
			page = map[bsonvalue.ID]int{}
			var err error
			if saved, err = bson.Marshal(p); err != nil {
				return err
			}
			if n++; n == pages {
				return stop
			}
			return nil
		}
		note := func(doc bson.Raw) error { page[bsonvalue.Reference(doc, "_id")]++; return nil }
		err := r.Scan(t.Context(), mongotest.Things, o, note)
		if err == nil { // there are no more positions than that
			if pages < 8 {
				t.Errorf("only %d positions", pages-1)
			}
			return
		}
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		again := mongodb.ScanOptions{Paged: true, BatchSize: 5, PageTime: 1}
		if err := bson.Unmarshal(saved, &again.After); err != nil {
			t.Fatal(err)
		}
		page = seen
		if err := r.Scan(t.Context(), mongotest.Things, again, note); err != nil {
			t.Fatal(err)
		}
		exactlyOnce(t, wanted(docs, again), seen)
	}
}

func TestAnErrorEndsAScanAndComesBack(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, mixed(20)...)
	r := s.Connect(t, nil).Reader()
	stop := errors.New("stop")
	for name, o := range modes {
		n := 0
		err := r.Scan(t.Context(), mongotest.Things, o, func(bson.Raw) error {
			if n++; n == 3 {
				return stop
			}
			return nil
		})
		if err != stop || n != 3 {
			t.Errorf("%s: %v after %d documents", name, err, n)
		}
	}
}

func TestAnEmptyCollectionHasNoDocuments(t *testing.T) {
	r := mongotest.New(t).Connect(t, nil).Reader()
	for name, o := range modes {
		if seen := scan(t, r, o); len(seen) != 0 {
			t.Errorf("%s: %v", name, seen)
		}
	}
}

// Seen to fail when ids were compared as they are stored: 3.0 was then missing where 3 is.
func TestExisting(t *testing.T) {
	s := mongotest.New(t)
	r := s.Connect(t, nil).Reader()
	var there, gone []bsonvalue.ID
	for i, id := range mongotest.IDs() {
		if i%2 == 0 {
			mongotest.Put(t, s, bson.D{{Key: "_id", Value: id}})
			there = append(there, mongotest.Of(t, id))
			continue
		}
		gone = append(gone, mongotest.Of(t, id))
	}
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: int64(3)}}, bson.D{{Key: "_id", Value: 4.0}})
	there = append(there, mongotest.Of(t, 3.0), mongotest.Of(t, int32(4)))
	gone = append(gone, mongotest.Of(t, "3"), mongotest.Of(t, 4.5))
	var many []bsonvalue.ID // so many that a server without indexes on them is read whole
	for i := range int64(300) {
		many = append(many, bsonvalue.Int(1_000_000+i))
	}
	for name, c := range map[string]struct {
		pages bool
		ids   [][]bsonvalue.ID
	}{
		"one by one":             {false, [][]bsonvalue.ID{there, gone}},
		"in one scan":            {false, [][]bsonvalue.ID{there, gone, many}},
		"in batches":             {true, [][]bsonvalue.ID{there, gone}},
		"in batches, many":       {true, [][]bsonvalue.ID{many, many, many, there, many, gone}},
		"each twice, one by one": {false, [][]bsonvalue.ID{there, there, gone, gone}},
	} {
		t.Run(name, func(t *testing.T) {
			r := r.With(func(f *connection.Facts) { f.PageByID = c.pages })
			var asked []bsonvalue.ID
			for _, list := range c.ids {
				asked = append(asked, list...)
			}
			found, err := r.Existing(t.Context(), mongotest.Things, asked)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range there {
				if !found.Has(id) {
					t.Errorf("%s is there, and was not found", id)
				}
			}
			for _, id := range gone {
				if found.Has(id) {
					t.Errorf("%s is gone, and was found", id)
				}
			}
			if found.Len() != len(there) {
				t.Errorf("%d found, want %d", found.Len(), len(there))
			}
		})
	}
	if none, err := r.Existing(t.Context(), mongotest.Things, nil); err != nil || none.Len() != 0 {
		t.Errorf("of nothing: %d, %v", none.Len(), err)
	}
}

// Seen to fail when the server was asked for a count, which FerretDB 1 answers by reading every document.
func TestAnEstimateReadsNoDocument(t *testing.T) {
	s := mongotest.New(t)
	for _, id := range mongotest.IDs() {
		mongotest.Put(t, s, bson.D{{Key: "_id", Value: id}})
	}
	var sent []string
	r := s.Connect(t, func(c connection.Command) { sent = append(sent, c.Name) }).Reader()
	sent = nil
	if n := r.Estimate(t.Context(), mongotest.Things); n != int64(len(mongotest.IDs())) {
		t.Errorf("estimate %d of %d", n, len(mongotest.IDs()))
	}
	if diff := cmp.Diff([]string{"collStats"}, sent); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// Seen to fail with one query for each batch, and with a negated $type at the end.
func TestPagesAreCutByTimeOnly(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, mixed(70)...)
	var finds []bson.Raw
	r := s.Connect(t, func(c connection.Command) {
		if c.Name == "find" {
			finds = append(finds, slices.Clone(c.Document))
		}
	}).Reader()
	scan(t, r, mongodb.ScanOptions{Paged: true, BatchSize: 10})
	if len(finds) != 1 {
		t.Errorf("%d queries for what one can read in time", len(finds))
	}
	finds = nil
	scan(t, r, mongodb.ScanOptions{Paged: true, BatchSize: 10, PageTime: 1})
	for _, find := range finds {
		if strings.Contains(find.String(), "$not") {
			t.Errorf("a query that no index serves: %s", find)
		}
	}
	if len(finds) < 7 {
		t.Errorf("%d queries, each for 10 of 70 documents", len(finds))
	}
}

// Each waits until the next batch is asked for: seen to wait in vain where that happens afterwards only.
func TestTheNextBatchIsFetchedWhileOneIsUsed(t *testing.T) {
	for name, o := range map[string]mongodb.ScanOptions{"one cursor": {BatchSize: 10},
		"pages": {Paged: true, BatchSize: 10}} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			mongotest.Put(t, s, mixed(30)...)
			asked := make(chan struct{}, 10)
			r := s.Connect(t, func(c connection.Command) {
				if c.Name == "getMore" {
					asked <- struct{}{}
				}
			}).Reader()
			waited := false
			err := r.Scan(t.Context(), mongotest.Things, o, func(bson.Raw) error {
				if !waited {
					waited = true
					await(t, asked)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func await(t *testing.T, happened <-chan struct{}) {
	t.Helper()
	select {
	case <-happened:
	case <-time.After(time.Minute):
		t.Error("it did not happen")
	}
}
