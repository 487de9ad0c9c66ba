package mongodb_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

func album(n int) bson.A {
	list := make(bson.A, n)
	for i := range list {
		list[i] = bson.ObjectID{byte(i >> 16), byte(i >> 8), byte(i)}
	}
	return list
}

// only is the one document that there is.
func only(t *testing.T, s mongotest.Server) bson.Raw {
	t.Helper()
	for _, doc := range s.Documents(t, mongotest.Things) {
		return doc
	}
	t.Fatal("there is no document")
	return nil
}

// A list that is too large to compare in full is compared in its length and at some of its places, and loses what goes.
func TestAListThatIsTooLargeToCompareInFull(t *testing.T) {
	ids := album(5000)
	for name, c := range map[string]struct {
		stored  bson.A
		becomes int // elements; 0: it is left alone
	}{
		"as expected":     {ids, 4990},
		"longer":          {append(ids[:len(ids):len(ids)], bson.ObjectID{0xff}), 0},
		"another first":   {append(bson.A{bson.ObjectID{0xff}}, ids[1:]...), 0},
		"not what it was": {bson.A{"no list of that length"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := mongotest.New(t)
			mongotest.Put(t, s, bson.D{{Key: "_id", Value: "album"}, {Key: "file_ids", Value: c.stored}})
			w := s.Writer(t)
			w.Reader = w.With(func(f *connection.Facts) { f.MaxStatement = 100_000 })
			field := mongodb.Field{Name: "file_ids", Old: mongotest.Of(t, ids), New: ids[10:]}
			update := mongodb.Update{ID: mongotest.Of(t, "album"), Fields: []mongodb.Field{field}}
			done, err := w.Update(t.Context(), mongotest.Things, []mongodb.Update{update})
			if err != nil || c.becomes == 0 && done.Conflicts != 1 {
				t.Fatalf("%+v, %v", done, err)
			}
			left, err := only(t, s).Lookup("file_ids").Array().Values()
			if err != nil || c.becomes > 0 && len(left) != c.becomes || c.becomes == 0 && len(left) != len(c.stored) {
				t.Errorf("it has %d elements, %v", len(left), err)
			}
		})
	}
}
