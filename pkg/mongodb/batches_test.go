package mongodb_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"ucorefs.io/maintenance/internal/testing/mongotest"
	"ucorefs.io/maintenance/internal/testing/strictmongo"
	"ucorefs.io/maintenance/pkg/mongodb"
	"ucorefs.io/maintenance/pkg/mongodb/connection"
)

// Large values are not sent by the thousand, since the driver holds a batch several times. Seen to fail, with a command
// of 21 MB, with batches of as many updates as a command may have.
func TestUpdatesAreSentInBatchesByTheirSize(t *testing.T) {
	s := mongotest.At(t, strictmongo.Start(t, strictmongo.Options{Form: strictmongo.ReplicaSet}).URI)
	old := strings.Repeat("x", 1<<20)
	var updates []mongodb.Update
	for i := range 20 {
		mongotest.Put(t, s, bson.D{{Key: "_id", Value: i}, {Key: "v", Value: old}})
		field := mongodb.Field{Name: "v", Old: mongotest.Of(t, old), New: "new"}
		updates = append(updates, mongodb.Update{ID: mongotest.Of(t, i), Fields: []mongodb.Field{field}})
	}
	var largest int
	w := mongotest.Writer(t, s.Connect(t, func(c connection.Command) {
		if c.Name == "update" {
			largest = max(largest, len(c.Document))
		}
	}))
	written, err := w.Update(t.Context(), mongotest.Things, updates)
	if err != nil || written.Modified != 20 || largest > 9<<20 {
		t.Errorf("Update() = %+v, %v; the largest command has %d bytes", written, err, largest)
	}
}
