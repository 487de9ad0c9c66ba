package bench_test

import (
	"slices"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/declare"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// traffic is the commands that a run sent, without those that look after its lock.
type traffic struct {
	mu    sync.Mutex
	names map[string]int        // by collection and name, such as "file_records getMore"
	finds map[string][]bson.Raw // the find commands of each collection, but for those of its sample
	total int

	samples map[string]int // the find commands of each collection's sample, which are in neither of the others
}

func newTraffic() *traffic {
	return &traffic{names: map[string]int{}, finds: map[string][]bson.Raw{}, samples: map[string]int{}}
}

// sampleFinds is how many finds a sample takes at most: six parts of it on FerretDB 1.
const sampleFinds = 6

// isSample tells whether a find reads a part of a sample: fewer documents than any scan asks for at a time.
func isSample(c connection.Command) bool {
	limit, limited := c.Document.Lookup("limit").AsInt64OK()
	return c.Name == "find" && limited && limit <= declare.UndeclaredSample
}

func (t *traffic) see(c connection.Command) {
	if mongotest.Locking(c) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	collection, _ := c.Document.Index(0).Value().StringValueOK()
	if c.Name == "getMore" {
		collection = c.Document.Lookup("collection").StringValue()
	}
	if isSample(c) {
		t.samples[collection]++
		return
	}
	t.total++
	t.names[collection+" "+c.Name]++
	if c.Name == "find" {
		t.finds[collection] = append(t.finds[collection], slices.Clone(c.Document))
	}
}

// bareLoop is what a run of a task is compared with.
func (s *shelf) bareLoop(tb testing.TB, x subject, t *traffic) {
	tb.Helper()
	s.bareScan(tb, t.finds[fileRecords])
	if x.beside != nil {
		x.beside(s, tb, t)
	}
}

// bareScan sends the finds of a run over one collection again and does nothing with what comes, which is counted.
func (s *shelf) bareScan(tb testing.TB, finds []bson.Raw) (documents int) {
	tb.Helper()
	for _, find := range finds {
		documents += s.bareFind(tb, find)
	}
	return documents
}

func (s *shelf) bareFind(tb testing.TB, find bson.Raw) (documents int) {
	tb.Helper()
	var command bson.D
	elements, err := find.Elements()
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range elements {
		if slices.Contains([]string{"find", "filter", "projection", "sort", "limit"}, e.Key()) { // the others are the session's
			command = append(command, bson.E{Key: e.Key(), Value: e.Value()})
		}
	}
	var cursor *mongo.Cursor
	if cursor, err = s.DB.RunCommandCursor(tb.Context(), command); err != nil {
		tb.Fatal(err)
	}
	for cursor.Next(tb.Context()) {
		documents++
	}
	if err := cursor.Err(); err != nil {
		tb.Fatal(err)
	}
	return documents
}

// batch is the least number of documents that a server sends at a time, but for the first and the last time: that of
// FerretDB 1.
const batch = 250

// isOneScan fails the test where a run read the files more than once, one by one, or any other way than by a cursor
// over all.
func (s *shelf) isOneScan(tb testing.TB, t *traffic) {
	tb.Helper()
	finds := t.finds[fileRecords]
	if len(finds) != 1 { // pages, which together are one scan
		if n := s.bareScan(tb, finds); n != s.files {
			tb.Errorf("%d finds over %s return %d documents, of %d files", len(finds), fileRecords, n, s.files)
		}
	}
	if most := len(finds) + s.files/batch; t.names[fileRecords+" getMore"] > most {
		tb.Errorf("%d times more of %s was asked for, %d would be enough", t.names[fileRecords+" getMore"], fileRecords, most)
	}
	for name, n := range t.names {
		switch name {
		case fileRecords + " count", fileRecords + " aggregate", fileRecords + " distinct": // FerretDB 1 reads everything for each
			tb.Errorf("%s: %d times", name, n)
		}
	}
	for collection, n := range t.samples {
		if n > sampleFinds {
			tb.Errorf("the sample of %s took %d finds, %d are enough", collection, n, sampleFinds)
		}
	}
	others := s.directories + s.albums + 4*s.embeddings + s.jobs + s.vectors + tagCount
	if most := 40 + len(finds) + (s.files+2*others)/batch; t.total > most {
		tb.Errorf("%d commands, %d would be enough: %v", t.total, most, t.names)
	}
}
