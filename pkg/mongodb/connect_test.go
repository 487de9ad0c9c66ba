package mongodb_test

import (
	"context"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/bsonvalue"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
	"ucorefs.io/maintenance/pkg/mongodb/stores"
)

// Seen to fail when the connection string decided: an update that nobody acknowledged then counted as nothing matched.
func TestWritesAreAcknowledgedWhateverTheConnectionStringSays(t *testing.T) {
	s := mongotest.New(t)
	mongotest.Put(t, s, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: 1}})
	var concerns []string
	d, err := mongodb.Connect(t.Context(), connection.Options{
		URI: strings.TrimSuffix(s.URI, "/") + "/?w=0&readPreference=secondary", Name: s.Name,
		Monitor: func(c connection.Command) {
			if !mongotest.Locking(c) && (c.Name == "update" || c.Name == "insert") {
				concerns = append(concerns, c.Name+" "+bsonvalue.Of(c.Document.Lookup("writeConcern", "w")).String())
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close(context.Background()) })
	w := mongotest.Writer(t, d)
	written, err := stores.NewJournal(w, "run").Update(t.Context(), mongotest.Things, mongotest.Updates(1))
	if want := (mongodb.Written{Matched: 1, Modified: 1}); err != nil || written != want {
		t.Errorf("got %+v, %v", written, err)
	}
	if got := strings.Join(concerns, ", "); got != `insert "majority", update "majority"` {
		t.Errorf("sent: %s", got)
	}
}

func TestFactsOfFerretDB1(t *testing.T) {
	f := mongotest.New(t).Connect(t, nil).Facts()
	if f.FerretDB == "" || f.Version == "" || f.Topology != connection.Standalone || !f.Primary || f.MaxUpdates != 10 ||
		f.PageByID {
		t.Errorf("got %+v", f)
	}
}

func TestAnEmptyDatabaseAnswers(t *testing.T) {
	r := mongotest.New(t).Connect(t, nil).Reader()
	if n, err := r.Count(t.Context(), mongotest.Things, bson.D{}); n != 0 || err != nil {
		t.Errorf("count %d, %v", n, err)
	}
	if doc, err := r.Document(t.Context(), mongotest.Things, bsonvalue.Int(1)); doc != nil || err != nil {
		t.Errorf("document %s, %v", doc, err)
	}
	if n := r.Estimate(t.Context(), mongotest.Things); n != 0 {
		t.Errorf("estimate %d", n)
	}
}
